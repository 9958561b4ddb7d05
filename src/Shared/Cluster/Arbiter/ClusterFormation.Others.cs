namespace ClusterChat.Cluster.Arbiter;

/// <summary>Registering beside other rows, and evicting the dead among them.</summary>
public sealed partial class ClusterFormation
{
    private async Task<Step> RegisterAsync(NodeList list, CancellationToken cancellationToken)
    {
        var superseded = FormationPlan.Superseded(_self, list);
        var others = list.Nodes.Where(n => n.Key.Address != _self.Address && (_setup.IsLone || n.Name == _setup.Name)).ToList();
        var remove = superseded.Select(n => n.Key).ToList();
        foreach (var (row, result) in await DialAsync(others, cancellationToken))
        {
            if (result == ProbeResult.Refused || (!_setup.IsLone && IsSilentForLong(row.Key, result)))
                remove.Add(row.Key);
            else if (_setup.IsLone)
                throw new ArbiterException($"{row.Name} at {row.Key.Address} uses this database already, and this node was started to be alone. To form a cluster with it, start each of them with a cluster's address and port that the others reach; otherwise give this one a database of its own, or stop the other first.");
            else if (result == ProbeResult.Connected)
                throw new ArbiterException($"The name {_setup.Name} is taken by a node that lives at {row.Key.Address}. Give each node a name of its own.");
            else
                return Step.Wait;
        }

        var self = new NodeRow(_self, _setup.Name, _setup.Roles, NodeState.Joining, list.View + 1);
        var change = new NodeChange(list.View, self, remove);
        if (await _setup.Table.TryChangeAsync(change, cancellationToken))
        {
            _setup.View.Registered(self);
            LogRegistered(_log, _setup.Name, self.Since);
            Count(remove, superseded);
        }

        return Step.Again;
    }

    /// <summary>
    /// Evicts those who refuse. Who is silent counts as dead only if nobody has changed the table for long, which living members do while a
    /// node waits: otherwise one node with a broken network could throw out all others.
    /// </summary>
    /// <returns>True: the table has changed, so make a new plan.</returns>
    private async Task<bool> EvictDeadAsync(NodeList list, IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken)
    {
        var isQuiet = _setup.Clock.GetElapsedTime(_quietSince) >= _options.SilenceLimit;
        var dials = await DialAsync(nodes, cancellationToken);
        var dead = dials
            .Where(d => d.Result == ProbeResult.Refused || (IsSilentForLong(d.Row.Key, d.Result) && isQuiet))
            .Select(d => d.Row.Key)
            .ToList();
        if (dead.Count == 0)
            return false;
        var change = new NodeChange(list.View, null, dead);
        if (await _setup.Table.TryChangeAsync(change, cancellationToken))
        {
            LogEvicts(_log, _setup.Name, string.Join(", ", dead.Select(d => d.Address)));
            Count(dead, []);
            _setup.View.Learn(list.With(change));
        }

        return true;
    }

    private bool IsSilentForLong(NodeKey key, ProbeResult result)
    {
        if (result != ProbeResult.Silent)
        {
            _silent.Remove(key);
            return false;
        }

        if (_silent.TryAdd(key, Now))
            LogSilent(_log, _setup.Name, key.Address);
        return _setup.Clock.GetElapsedTime(_silent[key]) >= _options.SilenceLimit;
    }

    // Begun all at once, and awaited in their order: as long as the slowest.
    private async Task<List<(NodeRow Row, ProbeResult Result)>> DialAsync(IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken)
    {
        var dials = nodes.Select(row => (row, _setup.Probe.DialAsync(row.Key.Address, cancellationToken))).ToList();
        List<(NodeRow, ProbeResult)> results = [];
        foreach (var (row, dial) in dials)
        {
            results.Add((row, await dial));
        }

        return results;
    }

    private void Count(IReadOnlyList<NodeKey> removed, IReadOnlyList<NodeRow> superseded)
    {
        foreach (var key in removed)
        {
            _metrics.Evicted(superseded.Any(s => s.Key == key) ? "superseded" : "contact", null);
        }
    }
}
