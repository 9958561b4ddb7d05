using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Connections;

/// <summary>What the gateway writes to the process's log. Event ids 4000-4099.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(4000, LogLevel.Information, "Draining {Connections} connections within {Grace}")]
    public static partial void DrainBegun(this ILogger logger, int connections, TimeSpan grace);

    [LoggerMessage(4001, LogLevel.Information, "Drained in {Elapsed}; {Connections} connections and {Unacked} unacked writes were left")]
    public static partial void DrainEnded(this ILogger logger, int connections, int unacked, TimeSpan elapsed);

    [LoggerMessage(4002, LogLevel.Error, "A connection failed")]
    public static partial void ConnectionFailed(this ILogger logger, Exception error);

    [LoggerMessage(4003, LogLevel.Warning, "No client can be accepted right now: {Reason}")]
    public static partial void CannotAccept(this ILogger logger, string reason);

    [LoggerMessage(4040, LogLevel.Warning, "{Address} has as many sockets as one address may have (Limits:SocketsPerAddress); what it opens further is closed at once")]
    public static partial void OverAddress(this ILogger logger, System.Net.IPAddress? address);
}
