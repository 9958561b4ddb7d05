using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.TestKit;

/// <summary>One node's way to a table of nodes, with faults.</summary>
/// <param name="inner">The table behind it.</param>
public sealed class FaultyNodeTable(INodeTable inner) : INodeTable
{
    private volatile bool _isAway;
    private volatile bool _isBlackHole;
    private int _failAfter;
    private long _refused;

    /// <summary>The database cannot be reached: calls fail without effect.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>Calls are swallowed: no effect, and no answer before the token.</summary>
    public bool IsBlackHole
    {
        get => _isBlackHole;
        set => _isBlackHole = value;
    }

    /// <summary>Awaited before each change; its token is the caller's. Null: none.</summary>
    public Func<NodeChange, CancellationToken, Task>? BeforeChange { get; set; }

    /// <summary>How many calls came to nothing since the table was <see cref="IsAway"/> or swallowed them.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Called for each of them.</summary>
    public Action? OnRefused { get; set; }

    /// <summary>The answers of the next changes are lost: they are made, and the caller gets an error.</summary>
    public void FailAfter(int changes) => Volatile.Write(ref _failAfter, changes);

    /// <inheritdoc/>
    public async ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        return await inner.ReadAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        if (BeforeChange is { } before)
            await before(change, cancellationToken);
        var done = await inner.TryChangeAsync(change, cancellationToken);
        return Interlocked.Decrement(ref _failAfter) < 0 ? done : throw new NodeTableUnavailableException("The answer is lost.");
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        if (!IsAway && !IsBlackHole)
            return;
        Interlocked.Increment(ref _refused);
        OnRefused?.Invoke();
        if (IsBlackHole)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new NodeTableUnavailableException("The table is away.");
    }
}
