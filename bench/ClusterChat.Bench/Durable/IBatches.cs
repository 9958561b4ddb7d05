namespace ClusterChat.Bench.Durable;

/// <summary>A database with the journal's tables, and nobody else at work in it.</summary>
internal interface IBatches : IAsyncDisposable
{
    /// <summary>Commits one event to each of the rooms; on return it is on the disk.</summary>
    /// <param name="seq">The number of these events in their rooms.</param>
    ValueTask CommitAsync(long seq);
}
