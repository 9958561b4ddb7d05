namespace ClusterChat.Cluster.Sharding;

/// <summary>
/// Who owned each shard before its present owner, as far as this node can tell, and since when it does no more. Only nodes
/// that still are in the view are named: of the others nothing can be had.
/// </summary>
internal sealed class EarlierOwners
{
    private readonly Entry?[] _shards = new Entry?[ShardMap.ShardCount];

    /// <summary>Nothing is known.</summary>
    public static EarlierOwners None { get; } = new();

    /// <summary>What is known after the next view.</summary>
    /// <param name="self">The <see cref="ClusterNode.Id"/> of this node.</param>
    /// <param name="old">The map of the view before, which may be without nodes.</param>
    /// <param name="now">The map of the view.</param>
    /// <param name="timestamp">The time of the change.</param>
    public EarlierOwners Next(string self, ShardMap old, ShardMap now, long timestamp)
    {
        // A node that has just come knows no earlier view; what it owns was the second in rank's.
        var before = old.View.Nodes.IsEmpty ? new ShardMap(now.View with { Nodes = now.View.Nodes.RemoveAll(n => n.Id == self) }) : old;
        var present = now.View.Nodes.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        var next = new EarlierOwners();
        for (var shard = 0; shard < ShardMap.ShardCount; shard++)
        {
            var entry = before.OwnerOf(shard) is { } owner && owner.Id != now.OwnerOf(shard)?.Id ? new Entry(owner, timestamp) : _shards[shard];
            next._shards[shard] = entry is not null && present.Contains(entry.Node.Id) ? entry : null;
        }

        return next;
    }

    /// <summary>The owner before the present one; null where it is not known, or gone.</summary>
    public (ClusterNode Node, long Timestamp)? Of(string room)
        => _shards[ShardMap.ShardOf(room)] is { } entry ? (entry.Node, entry.Timestamp) : null;

    private sealed record Entry(ClusterNode Node, long Timestamp);
}
