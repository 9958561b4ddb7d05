namespace ClusterChat.Storage;

/// <summary>The rooms of a store, as one round of <see cref="JournalTrimmer"/> sees them.</summary>
internal interface ITrimmedRooms : IAsyncDisposable
{
    /// <summary>What trimming has to know of the next rooms that have events, by id.</summary>
    ValueTask<IReadOnlyList<TrimmedRoom>> ListAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The bytes of some of a room's lines: <see cref="TrimmedRoom.Sample"/>.</summary>
    ValueTask<IReadOnlyList<int>> LineBytesAsync(TrimmedRoom room, CancellationToken cancellationToken);

    /// <summary>Deletes some of a room's oldest events, as far as they may go.</summary>
    /// <returns>How many went; fewer than asked for where no more may go for now.</returns>
    ValueTask<int> TrimAsync(long room, TrimBounds bounds, int most, CancellationToken cancellationToken);
}
