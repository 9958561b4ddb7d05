using ClusterChat.Cluster;

namespace ClusterChat.TestKit;

/// <summary>
/// The modelled membership: the table of nodes in the store, whose views are numbered, and how nodes hear of it, each by itself and late. Who
/// comes needs the store; who is evicted finds out some time after it can run again, and takes itself for a member until then.
/// </summary>
/// <param name="simulation">The world.</param>
/// <param name="delays">How long words between nodes take.</param>
/// <param name="detection">After how long at most a node that is dead, still, or out of reach is taken for gone.</param>
internal sealed class ModelTable(Simulation simulation, ModelDelays delays, TimeSpan detection)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);
    private readonly List<(ModelNode Node, ClusterNode Row)> _rows = [];

    private readonly HashSet<ModelNode> _left = [];

    /// <summary>How many changes there have been.</summary>
    public long View { get; private set; }

    /// <summary>Who is in the table, in the order of coming.</summary>
    public IReadOnlyList<ModelNode> Members => _rows.ConvertAll(r => r.Node);

    /// <summary>The nodes of the present view.</summary>
    public IReadOnlyList<ClusterNode> Rows => _rows.ConvertAll(r => r.Row);

    /// <summary>Is told who was removed, after each change.</summary>
    public Action<IReadOnlyList<ModelNode>> OnChange { get; set; } = static _ => { };

    /// <summary>Whether a node is a member.</summary>
    public bool Contains(ModelNode node) => _rows.Exists(r => r.Node == node);

    /// <summary>A node comes. Ends once it is a member and knows that it is one, which a store that is away puts off.</summary>
    public Task JoinAsync(ModelNode node)
    {
        var joined = new TaskCompletionSource();
        Later(delays.Store(), node, () => Join(node, joined));
        return joined.Task;
    }

    /// <summary>A node leaves in good order. Ends once it is none any more.</summary>
    public Task LeaveAsync(ModelNode node)
    {
        var left = new TaskCompletionSource();
        Later(delays.Short(), node, () =>
        {
            if (_rows.FindIndex(r => r.Node == node) is var at and >= 0)
            {
                _rows[at] = (node, node.Self with { IsLeaving = true });
                Changed([]);
            }

            Later(delays.Short(), node, () =>
            {
                // It does not have to hear that it is out.
                _left.Add(node);
                if (_rows.RemoveAll(r => r.Node == node) > 0)
                {
                    Changed([node]);
                }

                Later(delays.Short(), node, () => node.Process.Post(left.SetResult, "has left"));
            });
        });
        return left.Task;
    }

    /// <summary>A node seems to be gone: if it still does after a while, and a member that can reach the store sees that, it is evicted.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isStill">Whether it still seems to be gone.</param>
    public void Suspect(ModelNode node, Func<bool> isStill)
        => simulation.After(detection * (0.05 + (0.95 * simulation.Random.NextDouble())), () => Decide(node, isStill));

    /// <summary>A node was told that there is a newer view, and looks for it.</summary>
    public void Refresh(ModelNode node) => Later(delays.Store(), node, () => TellNumber(node));

    private void Join(ModelNode node, TaskCompletionSource joined)
    {
        if (!node.Store.IsReachable)
        {
            Later(RetryInterval, node, () => Join(node, joined));
            return;
        }

        // The rows of earlier starts go in the same step.
        var earlier = _rows.Where(r => r.Node.Self.Name == node.Self.Name).Select(r => r.Node).ToList();
        _rows.RemoveAll(r => earlier.Contains(r.Node));
        _rows.Add((node, node.Self));
        Changed(earlier);
        foreach (var replaced in earlier)
        {
            Later(delays.Word(), replaced, () => TellEnd(replaced));
        }

        Later(delays.Short(), node, () => node.Process.Post(joined.SetResult, "has joined"));
    }

    private void Decide(ModelNode node, Func<bool> isStill)
    {
        if (!Contains(node) || !isStill())
        {
            return;
        }

        if (_rows.Exists(r => r.Node != node && r.Node.Process is { IsKilled: false, IsPaused: false } && r.Node.Store.IsReachable))
        {
            _rows.RemoveAll(r => r.Node == node);
            Changed([node]);
            Later(delays.Word(), node, () => TellEnd(node));
        }
        else
        {
            simulation.After(RetryInterval, () => Decide(node, isStill));
        }
    }

    private void Changed(IReadOnlyList<ModelNode> removed)
    {
        View++;
        OnChange(removed);
        foreach (var node in Members)
        {
            var (number, rows) = (View, _rows.ToList());
            Later(delays.Word(), node, () => node.Process.Post(() => node.OnView(number, rows), "hears of a view"));
            Later(delays.Word(), node, () => TellNumber(node));
        }
    }

    // By reading the table.
    private void TellNumber(ModelNode node)
    {
        if (!node.Store.IsReachable)
        {
            Later(RetryInterval, node, () => TellNumber(node));
        }
        else if (Contains(node))
        {
            var number = View;
            node.Process.Post(() => node.OnNumber(number), "reads a number");
        }
        else if (node.View.Number > 0 && !_left.Contains(node))
        {
            TellEnd(node);
        }
    }

    // Who stands still goes on as before when it wakes, for a while. It need not read the table: others that it meets say so, too.
    private void TellEnd(ModelNode node)
    {
        if (node.Process.IsPaused)
        {
            Later(delays.Word() + (detection / 4 * simulation.Random.NextDouble()), node, () => TellEnd(node));
            return;
        }

        node.Process.Post(() => node.OnEnd("Removed"), "hears that it is out");
    }

    private void Later(TimeSpan delay, ModelNode node, Action action) => simulation.After(delay, () =>
    {
        if (!node.Process.IsKilled)
        {
            action();
        }
    });
}
