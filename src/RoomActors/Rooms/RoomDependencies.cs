using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>What a room's actor works with.</summary>
/// <param name="Options">Its limits.</param>
/// <param name="Journal">Where its log is opened and read.</param>
/// <param name="Writer">Where its events are committed.</param>
/// <param name="Links">The way to the gateways.</param>
/// <param name="View">The number of the view under which this node owns a room; null where it does not.</param>
/// <param name="IsMemory">Whether the room has no journal.</param>
/// <param name="Logger">The log.</param>
internal sealed record RoomDependencies(
    RoomOptions Options, IJournal Journal, IJournalWriter Writer, IGatewayLinks Links, Func<string, long?> View, bool IsMemory, ILogger Logger);
