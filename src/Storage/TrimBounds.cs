namespace ClusterChat.Storage;

/// <summary>What <see cref="JournalTrimming"/> comes to at a time. Times never decrease within a room, so what may go is always its oldest part.</summary>
/// <param name="Spared">Unix time in milliseconds: nothing that is newer goes.</param>
/// <param name="Old">All that is older goes.</param>
/// <param name="Kept">How many events stay.</param>
internal readonly record struct TrimBounds(long Spared, long Old, long Kept)
{
    /// <summary>Whether the oldest event of a room may go.</summary>
    public bool Concern(TrimmedRoom room) => room.OldestTs < Spared && (room.OldestTs < Old || room.First <= room.Head - Kept);
}
