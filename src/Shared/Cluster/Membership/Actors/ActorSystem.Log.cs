using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>Event ids 1000 to 1099.</summary>
public sealed partial class ActorSystem
{
    [LoggerMessage(1000, LogLevel.Error, "Actor {Actor} failed and restarts in {BackoffMs:F0} ms")]
    internal partial void LogRestart(Exception exception, string actor, double backoffMs);

    [LoggerMessage(1001, LogLevel.Error, "Actor {Actor} failed and stops")]
    internal partial void LogStoppedByFailure(Exception exception, string actor);

    [LoggerMessage(1002, LogLevel.Warning, "Actor {Actor} failed while it was being stopped")]
    internal partial void LogFailedInStop(Exception exception, string actor);

    [LoggerMessage(1003, LogLevel.Debug, "Actor {Actor} stopped with {Count} messages unhandled")]
    internal partial void LogUnhandled(string actor, int count);
}
