using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>What a room's actor works with.</summary>
/// <param name="Clock">The clock.</param>
/// <param name="Options">Its limits.</param>
/// <param name="Journal">Where its log is opened and read.</param>
/// <param name="Writer">Where its events are committed.</param>
/// <param name="Links">The way to the gateways.</param>
/// <param name="View">The number of the view under which this node owns a room; null where it does not.</param>
/// <param name="Volatile">What a memory room has for a journal; null for durable rooms.</param>
/// <param name="Handovers">The way to the next owner; null where the engine has none.</param>
/// <param name="Logger">The log.</param>
internal sealed record RoomDependencies(
    TimeProvider Clock,
    RoomOptions Options,
    IJournal Journal,
    IJournalWriter Writer,
    IGatewayLinks Links,
    Func<string, long?> View,
    VolatileJournal? Volatile,
    IRoomHandovers? Handovers,
    ILogger Logger)
{
    /// <summary>What is measured.</summary>
    public required RoomMetrics Metrics { get; init; }

    /// <summary>Null: what others trace is passed on, and nothing else.</summary>
    public MessageTraces? Traces { get; init; }

    /// <summary>Whether the room has no journal.</summary>
    public bool IsMemory => Volatile is not null;
}
