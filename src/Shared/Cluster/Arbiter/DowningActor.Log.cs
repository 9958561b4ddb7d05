using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Arbiter;

internal sealed partial class DowningActor
{
    [LoggerMessage(1320, LogLevel.Debug, "{Node} has lost the link to {Peer}, and dials it")]
    private static partial void LogSuspects(ILogger logger, string node, string peer);

    [LoggerMessage(1321, LogLevel.Warning, "{Node} evicts {Peer} from the cluster ({Reason}), view {View}")]
    private static partial void LogEvicts(ILogger logger, string node, string peer, string reason, long view);

    [LoggerMessage(1322, LogLevel.Information, "{Node} downs {Peer}, which is not in the table of nodes any more, view {View}")]
    private static partial void LogDowns(ILogger logger, string node, string peer, long view);

    [LoggerMessage(1323, LogLevel.Warning, "{Node} stood still for {Gap} ms")]
    private static partial void LogStoodStill(ILogger logger, string node, long gap);

    [LoggerMessage(1324, LogLevel.Warning, "{Node} does not reach the table of nodes, and evicts nobody until it does: {Error}")]
    private static partial void LogTableAway(ILogger logger, string node, string error);

    [LoggerMessage(1325, LogLevel.Information, "{Node} reaches the table of nodes again")]
    private static partial void LogTableBack(ILogger logger, string node);

    [LoggerMessage(1326, LogLevel.Error, "{Node}: a call of the table of nodes failed in an unexpected way")]
    private static partial void LogCallFailed(ILogger logger, Exception error, string node);

    [LoggerMessage(1327, LogLevel.Error, "{Node} was evicted from the cluster: it is not in view {View}")]
    private static partial void LogEvicted(ILogger logger, string node, long view);
}
