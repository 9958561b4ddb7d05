using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.TestKit;

/// <summary>
/// The table of nodes in memory. Calls take effect and complete before they return; thread-safe. Faults and delays are the business of
/// <see cref="FaultyNodeTable"/>.
/// </summary>
public sealed class InMemoryNodeTable : INodeTable
{
    private readonly Lock _lock = new();
    private readonly List<(Func<NodeList, bool> Condition, TaskCompletionSource<NodeList> Done)> _waiting = [];
    private NodeList _list = new(0, []);

    /// <summary>The table as it is now.</summary>
    public NodeList List
    {
        get
        {
            lock (_lock)
                return _list;
        }
    }

    /// <summary>Sees each change and what it left behind, in order, under the table's lock.</summary>
    public Action<NodeChange, NodeList>? OnChange { get; set; }

    /// <summary>Completes with the first table, the present one included, that a condition is true of.</summary>
    public Task<NodeList> WhenAsync(Func<NodeList, bool> condition)
    {
        lock (_lock)
        {
            if (condition(_list))
                return Task.FromResult(_list);
            var done = new TaskCompletionSource<NodeList>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((condition, done));
            return done.Task;
        }
    }

    /// <summary>Puts rows there as if their nodes had registered, each under a view of its own.</summary>
    public void Seed(params ReadOnlySpan<NodeRow> rows)
    {
        foreach (var row in rows)
        {
            var view = List.View;
            if (!TryChange(new NodeChange(view, row with { Since = view + 1 }, [])))
                throw new InvalidOperationException("The table is in use already.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(List);

    /// <inheritdoc/>
    public ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken) => ValueTask.FromResult(TryChange(change));

    private bool TryChange(NodeChange change)
    {
        lock (_lock)
        {
            if (change.ExpectedView != _list.View)
                return false;
            _list = _list.With(change);
            OnChange?.Invoke(change, _list);
            foreach (var (_, done) in _waiting.Where(w => w.Condition(_list)))
            {
                done.TrySetResult(_list);
            }

            _waiting.RemoveAll(w => w.Done.Task.IsCompleted);
            return true;
        }
    }
}
