using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>What the links between nodes write to the process's log. Event ids 1400-1449.</summary>
internal static partial class ClusterTlsLog
{
    [LoggerMessage(1400, LogLevel.Information, "Listening for other nodes on {EndPoint}, as {Address}")]
    public static partial void Listening(this ILogger logger, string endPoint, string address);

    [LoggerMessage(1401, LogLevel.Information, "Links use TLS with the certificate of {Subject}, valid until {Until:u}")]
    public static partial void TlsLoaded(this ILogger logger, string subject, DateTime until);

    [LoggerMessage(1402, LogLevel.Error, "The changed TLS files of the links cannot be used; the earlier ones stay: {Reason}")]
    public static partial void TlsNotReloaded(this ILogger logger, string reason);

    [LoggerMessage(1410, LogLevel.Warning, "Dialled {Address} and did not get in: {Reason}. Trying on; the same is not logged again for {Pause}")]
    public static partial void NotLetIn(this ILogger logger, string address, string reason, TimeSpan pause);

    [LoggerMessage(1411, LogLevel.Warning, "Turned a connection from {Remote} away: {Reason}. Others for the same reason are not logged for {Pause}")]
    public static partial void TurnedAway(this ILogger logger, string remote, string reason, TimeSpan pause);

    [LoggerMessage(1412, LogLevel.Warning, "A connection from {Remote} failed in a way that was not foreseen")]
    public static partial void IncomingFailed(this ILogger logger, string remote, Exception e);

    [LoggerMessage(1413, LogLevel.Error, "Accepting connections of other nodes failed; trying again in {Pause}")]
    public static partial void AcceptFailed(this ILogger logger, TimeSpan pause, Exception e);

    [LoggerMessage(1414, LogLevel.Debug, "{Remote} connected and said nothing before it ended the connection")]
    public static partial void Probed(this ILogger logger, string remote);

    [LoggerMessage(1420, LogLevel.Error, "{Remote} sent a frame of {Bytes} bytes, over the limit of {Limit}; the connection is given up")]
    public static partial void FrameTooLarge(this ILogger logger, string remote, long bytes, int limit);

    [LoggerMessage(1421, LogLevel.Error, "A message of {Bytes} bytes to {Remote} is over the limit of {Limit} and was dropped")]
    public static partial void MessageTooLarge(this ILogger logger, string remote, int bytes, int limit);

    [LoggerMessage(1422, LogLevel.Debug, "The connection with {Remote} ended: {Reason}")]
    public static partial void Ended(this ILogger logger, string remote, string reason);

    [LoggerMessage(1423, LogLevel.Error, "The connection with {Remote} failed in a way that was not foreseen")]
    public static partial void LinkFailed(this ILogger logger, string remote, Exception e);

    [LoggerMessage(1430, LogLevel.Error, "Refused a message of serializer {Serializer} that says it is a '{Manifest}': nothing comes in by the name of a type. Others of this serializer are not logged for {Pause}")]
    public static partial void IncomingRefused(this ILogger logger, int serializer, string manifest, TimeSpan pause);

    [LoggerMessage(1431, LogLevel.Error, "A {Message} was not sent: no serializer is for it. Others are not logged for {Pause}")]
    public static partial void OutgoingRefused(this ILogger logger, string message, TimeSpan pause);
}
