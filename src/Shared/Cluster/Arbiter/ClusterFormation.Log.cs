using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Arbiter;

public sealed partial class ClusterFormation
{
    [LoggerMessage(1340, LogLevel.Information, "{Node} stands in the table of nodes, view {View}")]
    private static partial void LogRegistered(ILogger logger, string node, long view);

    [LoggerMessage(1341, LogLevel.Information, "{Node} founds the cluster")]
    private static partial void LogFounds(ILogger logger, string node);

    [LoggerMessage(1342, LogLevel.Information, "{Node} joins {Contacts}")]
    private static partial void LogJoins(ILogger logger, string node, string contacts);

    [LoggerMessage(1343, LogLevel.Information, "{Node} is up, view {View}")]
    private static partial void LogUp(ILogger logger, string node, long view);

    [LoggerMessage(1344, LogLevel.Warning, "{Node} evicts those who do not live any more: {Nodes}")]
    private static partial void LogEvicts(ILogger logger, string node, string nodes);

    [LoggerMessage(1345, LogLevel.Warning, "{Node} gets no answer from {Peer}, and waits: either it is dead, or the network does not let this node through")]
    private static partial void LogSilent(ILogger logger, string node, string peer);

    [LoggerMessage(1346, LogLevel.Warning, "{Node} waits with joining: it does not reach the table of nodes: {Error}")]
    private static partial void LogTableAway(ILogger logger, string node, string error);

    [LoggerMessage(1347, LogLevel.Information, "{Node} reaches the table of nodes, and goes on joining")]
    private static partial void LogTableBack(ILogger logger, string node);

    [LoggerMessage(1348, LogLevel.Error, "{Node} is not in one cluster with {Nodes}, who are up, and has to stop")]
    private static partial void LogApart(ILogger logger, string node, string nodes);

    [LoggerMessage(1349, LogLevel.Information, "{Node} has left the table of nodes")]
    private static partial void LogLeft(ILogger logger, string node);

    [LoggerMessage(1350, LogLevel.Warning, "{Node} could not remove its row from the table of nodes, the others will: {Error}")]
    private static partial void LogRowStays(ILogger logger, string node, string error);
}
