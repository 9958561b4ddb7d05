using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Membership;

internal sealed partial class MembershipAgent
{
    [LoggerMessage(5000, LogLevel.Information, "{Node} has joined the cluster: {View}")]
    private static partial void LogJoined(ILogger logger, string node, string view);

    [LoggerMessage(5001, LogLevel.Information, "{Node} knows of a change of the cluster: {View}")]
    private static partial void LogView(ILogger logger, string node, string view);

    [LoggerMessage(5002, LogLevel.Warning, "{Node} waits with joining: it does not reach {Members}")]
    private static partial void LogUnreached(ILogger logger, string node, string members);

    [LoggerMessage(5003, LogLevel.Warning, "{Node} holds these nodes for dead: {Suspects}")]
    private static partial void LogSuspects(ILogger logger, string node, string suspects);

    [LoggerMessage(5004, LogLevel.Warning, "{Node} removes dead nodes from the cluster: {Nodes}")]
    private static partial void LogRemoves(ILogger logger, string node, string nodes);

    [LoggerMessage(5005, LogLevel.Warning, "{Node} does not reach the table of nodes: {Error}")]
    private static partial void LogStoreAway(ILogger logger, string node, string error);

    [LoggerMessage(5006, LogLevel.Information, "{Node} reaches the table of nodes again")]
    private static partial void LogStoreBack(ILogger logger, string node);

    [LoggerMessage(5007, LogLevel.Error, "{Node}: a call of the table of nodes failed in an unexpected way")]
    private static partial void LogCallFailed(ILogger logger, Exception error, string node);

    [LoggerMessage(5008, LogLevel.Information, "{Node} is no member of the cluster any more: {Reason}, {Detail}")]
    private static partial void LogLeft(ILogger logger, string node, MembershipEndReason reason, string detail);

    [LoggerMessage(5009, LogLevel.Error, "{Node} has to stop: {Reason}, {Detail}")]
    private static partial void LogEnded(ILogger logger, string node, MembershipEndReason reason, string detail);
}
