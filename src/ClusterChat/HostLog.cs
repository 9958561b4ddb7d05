namespace ClusterChat.Host;

/// <summary>What the host writes to the process's log. Event ids 5000-5099.</summary>
internal static partial class HostLog
{
    [LoggerMessage(5000, LogLevel.Information, "Node {Name} starts; data in {Place}")]
    public static partial void Starting(this ILogger logger, string name, string place);

    [LoggerMessage(5001, LogLevel.Information, "Open in a browser: {Addresses}  ({Doors})")]
    public static partial void Ready(this ILogger logger, string addresses, string doors);

    [LoggerMessage(5002, LogLevel.Information, "Node {Name} has stopped; every acked message is on disk")]
    public static partial void Stopped(this ILogger logger, string name);

    [LoggerMessage(5003, LogLevel.Critical, "The node cannot run: {Reason}")]
    public static partial void StartFailed(this ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Critical, "The process ends at once, since this node is no member of its cluster any more: {Notice}")]
    public static partial void Evicted(this ILogger logger, Cluster.Arbiter.EvictionNotice notice);

    [LoggerMessage(EventId = 5030, Message = "{Source}: {Message}")]
    public static partial void Akka(this ILogger logger, LogLevel level, string source, object message, Exception? cause);

    [LoggerMessage(EventId = 5031, Message = "{Count} further lines of event {Event} were left out")]
    public static partial void LeftOut(this ILogger logger, LogLevel level, long count, int @event);

    [LoggerMessage(5006, LogLevel.Information, "The standard input has ended, and so does the node")]
    public static partial void InputEnded(this ILogger logger);

    [LoggerMessage(5007, LogLevel.Information, "Management (health, metrics, cluster, admin) on {Address}; not for clients")]
    public static partial void Management(this ILogger logger, string address);

    [LoggerMessage(5008, LogLevel.Information, "Node {Name} is ready; it has no port for clients")]
    public static partial void ReadyWithoutClients(this ILogger logger, string name);

    [LoggerMessage(5009, LogLevel.Information, "At most {Connections} clients can be connected, since the process may have {Files} files open (ulimit -n)")]
    public static partial void FewerConnections(this ILogger logger, int connections, int files);

    [LoggerMessage(5020, LogLevel.Information, "A request from {Address} has X-Forwarded-For, which is not believed: if a proxy stands there, name it in ClusterChat:Proxy:Networks (environment variable ClusterChat__Proxy__Networks__0), or all of its clients share the limits of one address")]
    public static partial void ForwardedIgnored(this ILogger logger, System.Net.IPAddress? address);
}
