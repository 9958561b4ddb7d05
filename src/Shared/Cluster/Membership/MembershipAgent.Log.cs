using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Membership;

internal sealed partial class MembershipAgent
{
    [LoggerMessage(1300, LogLevel.Information, "{Node} has joined the cluster: {View}")]
    private static partial void LogJoined(ILogger logger, string node, string view);

    [LoggerMessage(1301, LogLevel.Information, "{Node} knows of a change of the cluster: {View}")]
    private static partial void LogView(ILogger logger, string node, string view);

    [LoggerMessage(1302, LogLevel.Warning, "{Node} waits with joining: it does not reach {Members}")]
    private static partial void LogUnreached(ILogger logger, string node, string members);

    [LoggerMessage(1303, LogLevel.Warning, "{Node} holds these nodes for dead: {Suspects}")]
    private static partial void LogSuspects(ILogger logger, string node, string suspects);

    [LoggerMessage(1304, LogLevel.Warning, "{Node} removes dead nodes from the cluster: {Nodes}")]
    private static partial void LogRemoves(ILogger logger, string node, string nodes);

    [LoggerMessage(1305, LogLevel.Warning, "{Node} does not reach the table of nodes: {Error}")]
    private static partial void LogStoreAway(ILogger logger, string node, string error);

    [LoggerMessage(1306, LogLevel.Information, "{Node} reaches the table of nodes again")]
    private static partial void LogStoreBack(ILogger logger, string node);

    [LoggerMessage(1307, LogLevel.Error, "{Node}: a call of the table of nodes failed in an unexpected way")]
    private static partial void LogCallFailed(ILogger logger, Exception error, string node);

    [LoggerMessage(1308, LogLevel.Information, "{Node} is no member of the cluster any more: {Reason}, {Detail}")]
    private static partial void LogLeft(ILogger logger, string node, MembershipEndReason reason, string detail);

    [LoggerMessage(1309, LogLevel.Error, "{Node} has to stop: {Reason}, {Detail}")]
    private static partial void LogEnded(ILogger logger, string node, MembershipEndReason reason, string detail);
}
