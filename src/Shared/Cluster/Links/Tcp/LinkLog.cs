using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>What the links write to the process's log. Event ids 1100-1199.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(1100, LogLevel.Information, "Listening for other nodes on {EndPoint}")]
    public static partial void Listening(this ILogger logger, string endPoint);

    [LoggerMessage(1101, LogLevel.Information, "Connected to {Peer} at {Address}")]
    public static partial void Dialled(this ILogger logger, string peer, string address);

    [LoggerMessage(1102, LogLevel.Information, "The connection to {Peer} ended: {Reason}")]
    public static partial void Lost(this ILogger logger, string peer, string reason);

    [LoggerMessage(1103, LogLevel.Information, "{Peer} is not at {Address} any more: {Reason}")]
    public static partial void Refused(this ILogger logger, string peer, string address, string reason);

    [LoggerMessage(1104, LogLevel.Warning, "Cannot connect to {Peer} at {Address}: {Reason}. Trying on")]
    public static partial void NotReached(this ILogger logger, string peer, string address, string reason);

    [LoggerMessage(1105, LogLevel.Error, "The link to {Peer} failed in a way that was not foreseen; trying on")]
    public static partial void LinkFailed(this ILogger logger, string peer, Exception e);

    [LoggerMessage(1110, LogLevel.Debug, "{Peer} has connected")]
    public static partial void Accepted(this ILogger logger, string peer);

    [LoggerMessage(1111, LogLevel.Debug, "The connection from {Peer} ended: {Reason}")]
    public static partial void IncomingEnded(this ILogger logger, string peer, string reason);

    [LoggerMessage(1112, LogLevel.Warning, "Turned a connection from {Remote} away: {Reason}. Others for the same reason are not logged for {Pause}")]
    public static partial void TurnedAway(this ILogger logger, string remote, string reason, TimeSpan pause);

    [LoggerMessage(1113, LogLevel.Error, "Taking a {Message} from {Peer} failed; it is lost")]
    public static partial void ReceiverFailed(this ILogger logger, string message, string peer, Exception e);

    [LoggerMessage(1114, LogLevel.Error, "A {Message} to {Peer} is over the limit of {Limit} bytes and was dropped")]
    public static partial void MessageTooLarge(this ILogger logger, string message, string peer, int limit);

    [LoggerMessage(1115, LogLevel.Information, "{Peer} sends kinds of messages that this version does not know; they are skipped")]
    public static partial void UnknownSkipped(this ILogger logger, string peer);

    [LoggerMessage(1116, LogLevel.Warning, "A connection from {Remote} failed in a way that was not foreseen")]
    public static partial void IncomingFailed(this ILogger logger, string remote, Exception e);

    [LoggerMessage(1117, LogLevel.Error, "Accepting connections of other nodes failed; trying again in {Pause}")]
    public static partial void AcceptFailed(this ILogger logger, TimeSpan pause, Exception e);

    [LoggerMessage(1118, LogLevel.Error, "Telling that {Peer} is {State} failed")]
    public static partial void TellingFailed(this ILogger logger, string peer, LinkState state, Exception e);

    [LoggerMessage(1119, LogLevel.Error, "A {Message} to {Peer} could not be encoded and was dropped")]
    public static partial void MessageNotEncoded(this ILogger logger, string message, string peer, Exception e);

    [LoggerMessage(1120, LogLevel.Information, "{Peer} takes too little; {Streams} streams of rooms to it had events dropped and begin anew")]
    public static partial void StreamsEnded(this ILogger logger, string peer, int streams);

    [LoggerMessage(1121, LogLevel.Information, "Links use TLS with the certificate of {Subject}, valid until {Until:u}")]
    public static partial void TlsLoaded(this ILogger logger, string subject, DateTime until);

    [LoggerMessage(1122, LogLevel.Error, "The changed TLS files of the links cannot be used; the earlier ones stay: {Reason}")]
    public static partial void TlsNotReloaded(this ILogger logger, string reason);
}
