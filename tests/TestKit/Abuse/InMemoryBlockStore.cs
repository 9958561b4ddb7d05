using ClusterChat.Cluster.Abuse;

namespace ClusterChat.TestKit.Abuse;

/// <summary>A list of blocks in memory. Calls complete before they return.</summary>
public sealed class InMemoryBlockStore : IBlockStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(BlockKind Kind, string Value), Block> _blocks = [];
    private long _version;

    /// <summary>If it is true each call fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>All that is there.</summary>
    public IReadOnlyList<Block> Blocks
    {
        get
        {
            lock (_gate)
                return [.. _blocks.Values];
        }
    }

    public ValueTask<BlockList?> ReadAsync(long known, CancellationToken cancellationToken)
        => new(Run(() => known == _version ? null : new BlockList(_version, [.. _blocks.Values])));

    public ValueTask<IReadOnlyList<Block>> ListAsync(
        BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit, CancellationToken cancellationToken)
        => new(Run(() => (IReadOnlyList<Block>)[.. _blocks.Values
            .OrderBy(b => b, Comparer<Block>.Create((a, b) => Compare((a.Kind, a.Value), (b.Kind, b.Value))))
            .Where(b => (kind is null || b.Kind == kind) && (value is null || b.Value == value) && (after is not { } a || Compare((b.Kind, b.Value), a) > 0))
            .Take(limit)]));

    public ValueTask<bool> PutAsync(Block block, int most, CancellationToken cancellationToken)
        => new(Run(() => Change((_blocks.ContainsKey((block.Kind, block.Value)) ? 0 : 1) + _blocks.Count <= most, () => _blocks[(block.Kind, block.Value)] = block)));

    public ValueTask<bool> DeleteAsync(BlockKind kind, string value, CancellationToken cancellationToken)
        => new(Run(() => Change(_blocks.ContainsKey((kind, value)), () => _blocks.Remove((kind, value)))));

    public ValueTask<int> DeleteEndedAsync(long now, CancellationToken cancellationToken) => new(Run(() =>
    {
        var ended = _blocks.Values.Where(b => b.Until <= now).ToList();
        Change(ended.Count > 0, () => ended.ForEach(b => _blocks.Remove((b.Kind, b.Value))));
        return ended.Count;
    }));

    private static int Compare((BlockKind Kind, string Value) a, (BlockKind Kind, string Value) b)
        => a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : Utf8Order.Instance.Compare(a.Value, b.Value);

    private bool Change(bool mayChange, Action change)
    {
        if (mayChange)
        {
            change();
            _version++;
        }

        return mayChange;
    }

    private T Run<T>(Func<T> call)
    {
        lock (_gate)
        {
            return IsAway ? throw new StoreUnavailableException("it is away") : call();
        }
    }
}
