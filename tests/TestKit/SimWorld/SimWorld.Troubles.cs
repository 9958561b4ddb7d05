using ClusterChat.Cluster;

namespace ClusterChat.TestKit;

/// <content>What goes wrong with nodes, links and the store.</content>
internal sealed partial class SimWorld
{
    private void BeginUnrest()
    {
        OfNodes(_plan.NodeKills, node => Remove(node, killed: true));
        OfNodes(_plan.Pauses, Pause);
        OfNodes(_plan.Drains, Terminate);
        OfNodes(_plan.StoreCutOffs, CutOff);
        OfNodes(_plan.ClockJumps, JumpClock);
        OfPairs(_plan.LinkCuts, Cut);
        OfPairs(_plan.LinkDrops, (a, b) =>
        {
            Trace($"the links between {a} and {b} break");
            _cluster.Links.Drop(a, b);
        });
        EveryNowAndThen(_plan.Scaling, Scale);
        EveryNowAndThen(_plan.Misplacements, () => _cluster.Homes.Misbehave(_plan.RoomNames));
        EveryNowAndThen(_plan.StoreAbsences, () =>
        {
            Store.IsAway = true;
            Simulation.After(Seconds(0.2, Random.Next(4) == 0 ? 16 : 4), () => Store.IsAway = false);
        });
    }

    private void MakePeace()
    {
        Trace("peace");
        _isPeace = true;
        foreach (var (a, b) in _cuts.ToList())
        {
            Heal(a, b);
        }

        foreach (var node in _nodes.ToList())
        {
            Resume(node);
            if (node.Store.IsCutOff)
            {
                Store.CutOff(node.Store, isCutOff: false);
            }
        }

        Store.Heal();
        _cluster.MakePeace();
        foreach (var client in Living.Where(c => c.Wire is not null))
        {
            client.Wire!.IsReading = true;
        }
    }

    private readonly HashSet<(string A, string B)> _cuts = [];

    private void OfNodes(TimeSpan mean, Action<SimNode> act) => EveryNowAndThen(mean, () =>
    {
        if (_nodes.Count > 0)
        {
            act(_nodes[Random.Next(_nodes.Count)]);
        }
    });

    private void OfPairs(TimeSpan mean, Action<string, string> act) => EveryNowAndThen(mean, () =>
    {
        if (_topology.Count > 1)
        {
            var a = Random.Next(_topology.Count);
            var b = (a + Random.Next(1, _topology.Count)) % _topology.Count;
            act(_topology[a].Name, _topology[b].Name);
        }
    });

    // Mostly short; sometimes longer than any limit of the cluster.
    private TimeSpan AWhile() => Seconds(0.05, Random.Next(4) == 0 ? 20 : 4);

    private void Pause(SimNode node)
    {
        if (node.Process.IsPaused)
        {
            return;
        }

        Trace($"{node.Id} stands still");
        Facts.Add(new Fact.NodePaused(Now, node.Id));
        node.Process.Pause();
        Simulation.After(AWhile(), () => Resume(node));
        if (Random.Next(4) > 0)
        {
            _cluster.Table.Suspect(node.Member, () => node.Process.IsPaused);
        }
    }

    private void Resume(SimNode node)
    {
        if (node.Process is { IsPaused: true, IsKilled: false })
        {
            Trace($"{node.Id} goes on");
            Facts.Add(new Fact.NodeResumed(Now, node.Id));
            node.Process.Resume();
        }
    }

    private void Terminate(SimNode node)
    {
        if (_plan.Spared.Contains(node.Self.Name))
        {
            return;
        }

        Trace($"{node.Id} is asked to stop");
        Facts.Add(new Fact.NodeTerminated(Now, node.Id));
        node.Terminate();

        // As whoever runs it does when it takes too long.
        Simulation.After(_plan.Gateway.DrainGrace + TimeSpan.FromSeconds(10), () => Remove(node, killed: true));
    }

    private void CutOff(SimNode node)
    {
        if (node.Store.IsCutOff)
        {
            return;
        }

        Trace($"{node.Id} cannot reach the store");
        Store.CutOff(node.Store, isCutOff: true);
        Simulation.After(AWhile(), () =>
        {
            if (node.Store.IsCutOff)
            {
                Trace($"{node.Id} can reach the store again");
                Store.CutOff(node.Store, isCutOff: false);
            }
        });
    }

    private void JumpClock(SimNode node)
    {
        // Up to four minutes to either side: a memory room forgets the ids of writes that are ten minutes old, by the wall clock.
        var offset = TimeSpan.FromMilliseconds((Random.Next(2) == 0 ? 1 : -1) * Math.Pow(10, 5.38 * Random.NextDouble()));
        Trace($"the wall clock of {node.Id} is {offset} off");
        node.Process.UtcOffset = offset;
    }

    private void Cut(string a, string b)
    {
        var pairs = Random.Next(3) == 0 ? BetweenGroups() : [(a, b)];
        var isOneWay = Random.Next(3) == 0;
        foreach (var (from, to) in pairs)
        {
            Trace($"the network between {from} and {to} is cut{(isOneWay ? " one way" : "")}");
            Facts.Add(new Fact.NetworkCut(Now, from, to, IsCut: true));
            _cuts.Add((from, to));
            _cluster.Links.CutOneWay(from, to);
            if (!isOneWay)
            {
                _cluster.Links.CutOneWay(to, from);
            }

            SuspectOneOf(from, to);
        }

        Simulation.After(AWhile(), () =>
        {
            foreach (var (from, to) in pairs)
            {
                Heal(from, to);
            }
        });
    }

    // As the table has it: of two that cannot hear each other one is first, and evicts the other.
    private void SuspectOneOf(string a, string b)
    {
        if (Find(a) is { } one && Find(b) is { } other)
        {
            var (judge, suspect) = Random.Next(2) == 0 ? (one, other) : (other, one);
            Simulation.After(_plan.LinkSilence, () => _cluster.Table.Suspect(
                suspect.Member, () => _cluster.Links.IsCutAnyWay(a, b) && _cluster.Table.Contains(judge.Member)));
        }
    }

    private List<(string, string)> BetweenGroups()
    {
        var groups = _topology.ConvertAll(n => (n.Name, IsLeft: Random.Next(2) == 0));
        return [.. from l in groups where l.IsLeft from r in groups where !r.IsLeft select (l.Name, r.Name)];
    }

    private void Heal(string a, string b)
    {
        if (_cuts.Remove((a, b)))
        {
            Trace($"the network between {a} and {b} is whole");
            Facts.Add(new Fact.NetworkCut(Now, a, b, IsCut: false));
            _cluster.Links.Heal(a, b);
        }
    }

    private void Scale()
    {
        if (_topology.Count < 5 && Random.Next(2) == 0)
        {
            var roles = (NodeRoles)Random.Next(1, 4);
            _topology.Add((NameOf(_nextName++), roles));
            Trace($"{_topology[^1].Name} comes, {roles}");
            StartNode(_topology[^1].Name);
            return;
        }

        // Never the last one of a kind.
        var spare = _topology.Where(n => Enum.GetValues<NodeRoles>().All(
            role => !n.Roles.HasFlag(role) || _topology.Exists(other => other.Name != n.Name && other.Roles.HasFlag(role)))).ToList();
        if (spare.Count > 0)
        {
            var gone = spare[Random.Next(spare.Count)];
            Trace($"{gone.Name} goes for good");
            _topology.Remove(gone);
            if (Find(gone.Name) is { } node)
            {
                Terminate(node);
            }
        }
    }
}
