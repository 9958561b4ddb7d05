namespace ClusterChat.Cluster.Abuse;

/// <summary>
/// Where the cluster keeps its blocks. Each call is one atomic step; changes go one by one, and who reads sees all of those that were over
/// when it began.
/// </summary>
public interface IBlockStore
{
    /// <summary>All blocks; null where the list still has the version that is known.</summary>
    /// <param name="known">The version that the caller has; -1 for none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached, or did not answer in time.</exception>
    ValueTask<BlockList?> ReadAsync(long known, CancellationToken cancellationToken);

    /// <summary>A page of blocks, in the order of kind and of the code points of the value.</summary>
    /// <param name="kind">Only of this kind; null for all.</param>
    /// <param name="value">Only with this value; null for all.</param>
    /// <param name="after">Only those behind this one; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached, or did not answer in time.</exception>
    ValueTask<IReadOnlyList<Block>> ListAsync(
        BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit, CancellationToken cancellationToken);

    /// <summary>Adds a block, or puts it in the place of the one with its kind and value.</summary>
    /// <param name="block">The block. Its texts have no NUL and no lone surrogate.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be there nevertheless.</param>
    /// <returns>False: there are so many already, and nothing was changed.</returns>
    /// <exception cref="ArgumentException">A text has a NUL or a lone surrogate.</exception>
    /// <exception cref="StoreUnavailableException">It is not known whether the block is there. To put it again is harmless.</exception>
    ValueTask<bool> PutAsync(Block block, int most, CancellationToken cancellationToken);

    /// <summary>Takes a block away.</summary>
    /// <returns>False: there is no such one.</returns>
    /// <exception cref="StoreUnavailableException">It is not known whether the block is gone. To take it away again is harmless.</exception>
    ValueTask<bool> DeleteAsync(BlockKind kind, string value, CancellationToken cancellationToken);

    /// <summary>Forgets those that have ended.</summary>
    /// <param name="now">Unix time in milliseconds; those whose end is not after it go.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many went.</returns>
    /// <exception cref="StoreUnavailableException">It is not known whether they are gone.</exception>
    ValueTask<int> DeleteEndedAsync(long now, CancellationToken cancellationToken);
}
