using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Host;

/// <summary>The table of nodes, and since when it has not answered: each node reads it once a second.</summary>
/// <param name="table">The table.</param>
/// <param name="clock">The clock.</param>
internal sealed class WatchedNodeTable(INodeTable table, TimeProvider clock) : INodeTable
{
    private long _answeredAt = clock.GetTimestamp();

    /// <summary>Since the last answer, or since this began to watch.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Interlocked.Read(ref _answeredAt));

    /// <inheritdoc/>
    public async ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken)
    {
        var list = await table.ReadAsync(cancellationToken);
        Answered();
        return list;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        var changed = await table.TryChangeAsync(change, cancellationToken);
        Answered();
        return changed;
    }

    private void Answered() => Interlocked.Exchange(ref _answeredAt, clock.GetTimestamp());
}
