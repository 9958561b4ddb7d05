using System.Globalization;
using ClusterChat.Cluster;

namespace ClusterChat.TestKit;

/// <summary>
/// A world of nodes, a store that outlives them, and clients: first a time of unrest, then peace until all is settled.
/// `SimWorld.Unrest.cs` has what clients do in it, `SimWorld.Troubles.cs` what goes wrong, `SimWorld.Rest.cs` what it has to come to.
/// </summary>
internal sealed partial class SimWorld
{
    /// <summary>How long after the last fault all has to be settled: a client with some hundred writes sends them again one by one, over slow links.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly List<SimClient> _clients = [];
    private readonly List<SimNode> _nodes = [];
    private readonly List<(string Name, NodeRoles Roles)> _topology;
    private readonly SimPlan _plan;
    private readonly ModelCluster _cluster;
    private int _incarnation;
    private int _nextName;
    private bool _isPeace;

    public SimWorld(SimPlan plan)
    {
        _plan = plan;
        _topology = [.. plan.Nodes.Select((roles, i) => (NameOf(i), roles))];
        _nextName = _topology.Count;
        Simulation = new Simulation(plan.Seed);
        Store = new SimStore(Simulation, plan, Facts.Add);
        Network = new VirtualNetwork(Simulation, new WireDelays(plan.WireMicroseconds.Usual, plan.WireMicroseconds.Rare, 0.02), Broken);
        _cluster = new ModelCluster(Simulation, plan, Facts.Add);
        _cluster.Table.OnChange = OnViewChanged;
    }

    public Simulation Simulation { get; }

    public SimStore Store { get; }

    public VirtualNetwork Network { get; }

    public List<Fact> Facts { get; } = [];

    public Random Random => Simulation.Random;

    /// <summary>How long a client waits for a sign of life of its gateway.</summary>
    public TimeSpan Silence => (_plan.Gateway.PingInterval * 2) + TimeSpan.FromSeconds(3);

    private TimeSpan Now => Simulation.Clock.Elapsed;

    public void Trace(string line) => Simulation.Trace($"{Now.TotalSeconds:0.000000} {line}");

    /// <summary>Notes what must not happen.</summary>
    public void Broken(string what)
    {
        Trace("BROKEN " + what);
        Facts.Add(new Fact.Broken(Now, what));
    }

    /// <summary>A gateway for a client to dial, up or not.</summary>
    /// <param name="avoid">Not this one, if there is another.</param>
    public string PickGateway(string? avoid)
    {
        var names = _topology.Where(n => n.Roles.HasFlag(NodeRoles.Gateway)).Select(n => n.Name).ToList();
        if (names.Count > 1 && avoid is not null)
        {
            names.Remove(avoid);
        }

        return names[Random.Next(names.Count)];
    }

    /// <summary>Runs all of it.</summary>
    /// <returns>What was not settled in time; null if all was.</returns>
    public string? Run()
    {
        foreach (var (name, _) in _topology)
        {
            StartNode(name);
        }

        for (var i = 0; i < _plan.Clients; i++)
        {
            AddClient(null);
        }

        BeginUnrest();
        Simulation.RunFor(_plan.Unrest);
        MakePeace();
        if (!Simulation.TryRunUntil(() => Unsettled() is null, Patience))
        {
            return Unsettled();
        }

        // The dead time out, and who is there becomes known everywhere.
        Simulation.RunFor(TimeSpan.FromSeconds(20));
        foreach (var client in Living)
        {
            foreach (var view in client.Rooms)
            {
                client.ListMembers(view.Room);
            }
        }

        Simulation.RunFor(TimeSpan.FromSeconds(5));
        NoteRest();
        return Unsettled() ?? Leftover();
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"n{index + 1}");

    private IEnumerable<SimClient> Living => _clients.Where(c => !c.IsDead);

    private SimNode? Find(string name) => _nodes.Find(n => n.Name == name);

    private void StartNode(string name)
    {
        if (Find(name) is not null || !_topology.Exists(n => n.Name == name))
        {
            return;
        }

        var roles = _topology.First(n => n.Name == name).Roles;
        var self = new ClusterNode(name, (++_incarnation).ToString(CultureInfo.InvariantCulture), roles, $"{name}:{_incarnation}");
        Trace($"{self.Id} starts");
        Facts.Add(new Fact.NodeStarted(Now, self.Id));
        var store = Store.Connect(new SimulatedProcess(Simulation, self.Id));
        var node = new SimNode(Simulation, self, store, _cluster, _plan, new SimNodeEvents(Broken, OnMembershipOver, OnExited));
        _nodes.Add(node);
        Network.Listen(node);
    }

    private void OnMembershipOver(SimNode node, string reason)
    {
        Trace($"{node.Id} is no member any more: {reason}");
        Facts.Add(new Fact.MembershipOver(Now, node.Id, reason));
    }

    private void OnExited(SimNode node)
    {
        Remove(node, killed: false);
    }

    private void Remove(SimNode node, bool killed)
    {
        if (!_nodes.Remove(node))
        {
            return;
        }

        Trace($"{node.Id} is {(killed ? "killed" : "gone")}");
        node.Process.Kill();
        Network.Forget(node);
        if (killed)
        {
            _cluster.Links.Kill(node.Member);
        }

        // Whoever left in good order is not in the table any more.
        _cluster.Table.Suspect(node.Member, static () => true);
        Facts.Add(new Fact.NodeGone(Now, node.Id, killed));
        Simulation.After(Seconds(0.05, 3), () => StartNode(node.Name));
    }

    private void OnViewChanged(IReadOnlyList<ModelNode> removed)
    {
        var (view, rows) = (_cluster.Table.View, _cluster.Table.Rows);
        Trace($"view {view}: {string.Join(", ", rows.Select(n => $"{n.Id} {n.Roles}{(n.IsLeaving ? " leaves" : "")}"))}");
        Facts.Add(new Fact.ViewChanged(Now, view, [.. rows.Select(n => n.Id)], [.. removed.Select(n => n.Self.Id)]));
        _cluster.Homes.OnRemoved(removed);
        if (removed.Count == 0 && rows[^1].Roles.HasFlag(NodeRoles.Rooms) && !rows[^1].IsLeaving)
        {
            // As Akka does it, now and then.
            Simulation.After(Seconds(0.01, 3), _cluster.Homes.Rebalance);
        }
    }

    private void AddClient(SimClient? sameGuestAs)
    {
        var name = $"c{_clients.Count + 1}";
        var client = new SimClient(this, name, sameGuestAs?.ShownName ?? name, sameGuestAs?.Session);
        _clients.Add(client);
        foreach (var room in _plan.RoomNames)
        {
            if (Random.Next(4) > 0)
            {
                client.Enter(room);
            }
        }

        client.Dial();
        EveryNowAndThen(_plan.Pause, () => Act(client));
        EveryNowAndThen(_plan.Cuts, client.Cut);
    }
}
