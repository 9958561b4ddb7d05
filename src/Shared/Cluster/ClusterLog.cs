using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster;

/// <summary>What the cluster engine writes to the process's log. Event ids 1200-1299.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(1200, LogLevel.Warning, "The list of rooms for {Peer} could not be read: {Error}")]
    public static partial void ListFailed(this ILogger logger, string peer, string error);

    [LoggerMessage(1202, LogLevel.Information, "{Self} knows of a change of the cluster: {Nodes}")]
    public static partial void NodesChanged(this ILogger logger, string self, string nodes);

    [LoggerMessage(1201, LogLevel.Warning, "An order to this gateway failed: {Order}, {Error}")]
    public static partial void OrderFailed(this ILogger logger, string order, string error);
}
