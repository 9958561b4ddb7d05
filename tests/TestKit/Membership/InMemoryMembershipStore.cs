using ClusterChat.Cluster.Membership;

namespace ClusterChat.TestKit;

/// <summary>
/// The table of nodes in memory. Calls take effect and complete before they return; thread-safe. Faults and delays are
/// the business of <see cref="FaultyMembershipStore"/>.
/// </summary>
public sealed class InMemoryMembershipStore : IMembershipStore
{
    private readonly Lock _lock = new();
    private MembershipTable _table = new(0, [], []);

    /// <summary>The table as it is now.</summary>
    public MembershipTable Table
    {
        get
        {
            lock (_lock)
                return _table;
        }
    }

    /// <summary>Sees each table that a change left behind, in order, under the store's lock.</summary>
    public Action<MembershipChange, MembershipTable>? OnChange { get; set; }

    /// <summary>The database was replaced by an empty one.</summary>
    public void Reset()
    {
        lock (_lock)
            _table = new MembershipTable(0, [], []);
    }

    /// <inheritdoc />
    public ValueTask<MembershipTable> HeartbeatAsync(string node, long heartbeat, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _table = _table with
            {
                Nodes = [.. _table.Nodes.Select(n => n.Node.Id == node ? n with { Heartbeat = Math.Max(n.Heartbeat, heartbeat) } : n)],
            };
            return ValueTask.FromResult(_table);
        }
    }

    /// <inheritdoc />
    public ValueTask<MembershipTable> ReadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Table);

    /// <inheritdoc />
    public ValueTask<bool> TryChangeAsync(MembershipChange change, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (change.ExpectedView != _table.View)
                return ValueTask.FromResult(false);
            _table = _table.With(change);
            OnChange?.Invoke(change, _table);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask VoteAsync(MembershipVote vote, bool holds, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var others = _table.Votes.Where(v => v != vote);
            var counts = holds && _table.Find(vote.Suspect) is not null && _table.Find(vote.Voter) is not null;
            _table = _table with { Votes = counts ? [.. others, vote] : [.. others] };
            return ValueTask.CompletedTask;
        }
    }
}
