using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>All that <see cref="InMemoryJournal"/> holds of a room.</summary>
public sealed record JournaledRoom(
    string Name, string Log, long Epoch, long View, long Head, long First, IReadOnlyList<StoredEvent> Events);
