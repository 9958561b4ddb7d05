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
/// <param name="Views">Under which view it opens a room.</param>
/// <param name="Active">The node's active rooms, this one among them.</param>
/// <param name="Keeper">What this node keeps of rooms that were elsewhere.</param>
/// <param name="Keepers">The nodes that keep what it knew.</param>
/// <param name="Volatile">What a memory room has for a journal; null for durable rooms.</param>
/// <param name="Logger">The log.</param>
internal sealed record RoomDependencies(
    TimeProvider Clock,
    RoomOptions Options,
    IJournal Journal,
    IJournalWriter Writer,
    IGatewayLinks Links,
    IClusterViews Views,
    ActiveRooms Active,
    RoomKeeper Keeper,
    IRoomKeepers Keepers,
    VolatileJournal? Volatile,
    ILogger Logger)
{
    /// <summary>What is measured.</summary>
    public required RoomMetrics Metrics { get; init; }

    /// <summary>Null: what others trace is passed on, and nothing else.</summary>
    public MessageTraces? Traces { get; init; }

    /// <summary>Whether there is space for further messages; null where there always is.</summary>
    public IJournalSpace? Space { get; init; }

    /// <summary>The gateways whose streams are not opened any more.</summary>
    public GoneGateways Gone { get; init; } = new();

    /// <summary>The names that are held for who may come back, of all rooms of the node.</summary>
    public required HeldNames Names { get; init; }

    /// <summary>Whether the room has no journal.</summary>
    public bool IsMemory => Volatile is not null;
}
