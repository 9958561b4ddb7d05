using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Connections;

/// <summary>What the gateway writes to the process's log. Event ids 4000-4099.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(4000, LogLevel.Information, "Draining {Connections} connections within {Grace}")]
    public static partial void DrainBegun(this ILogger logger, int connections, TimeSpan grace);

    [LoggerMessage(4001, LogLevel.Information, "Drained in {Elapsed}; {Connections} connections and {Unacked} unacked writes were left")]
    public static partial void DrainEnded(this ILogger logger, int connections, int unacked, TimeSpan elapsed);
}
