using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Sharding;

namespace ClusterChat.TestKit;

/// <summary>
/// A world of nodes, a store that outlives them, and clients: first a time of unrest, then peace until all is settled.
/// `SimWorld.Unrest.cs` has what clients do in it, `SimWorld.Troubles.cs` what goes wrong, `SimWorld.Rest.cs` what it has to come to.
/// </summary>
internal sealed partial class SimWorld
{
    /// <summary>How long after the last fault all has to be settled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    private const string LoneName = "n";
    private readonly List<SimClient> _clients = [];
    private readonly List<SimNode> _nodes = [];
    private readonly List<(string Name, NodeRoles Roles)> _topology;
    private readonly SimPlan _plan;
    private readonly SimulatedNetwork _links;
    private int _incarnation;
    private int _nextName;
    private bool _isPeace;

    public SimWorld(SimPlan plan)
    {
        _plan = plan;
        _topology = plan.IsLone
            ? [(LoneName, NodeRoles.Gateway | NodeRoles.Rooms)]
            : [.. plan.Nodes.Select((roles, i) => (NameOf(i), roles))];
        _nextName = _topology.Count;
        Simulation = new Simulation(plan.Seed);
        Store = new SimStore(Simulation, plan, Facts.Add);
        Network = new VirtualNetwork(Simulation, new WireDelays(plan.WireMicroseconds.Usual, plan.WireMicroseconds.Rare, 0.02), Broken);
        _links = new SimulatedNetwork(Simulation)
        {
            Latency = TimeSpan.FromMicroseconds(50),
            Jitter = (TimeSpan.FromMicroseconds(plan.LinkMicroseconds.Usual), TimeSpan.FromMicroseconds(plan.LinkMicroseconds.Rare)),
            SilenceLimit = plan.LinkSilence,
            Window = plan.LinkWindow,
            Options = plan.Links,
        };
        Store.Membership.OnChange = OnViewChanged;
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
        var self = new ClusterNode(name, (++_incarnation).ToString(CultureInfo.InvariantCulture), roles, $"{name}:1");
        Trace($"{self.Id} starts");
        Facts.Add(new Fact.NodeStarted(Now, self.Id));
        var store = Store.Connect(new SimulatedProcess(Simulation, self.Id));
        var node = new SimNode(
            Simulation,
            self,
            store,
            _ => _plan.IsLone ? new LoneSeat(self) : new MemberSeat(Simulation, _links, self, store, _plan.Membership, Broken),
            _plan,
            new SimNodeEvents(Broken, OnMembershipOver, OnExited));
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
        if (node.Seat is MemberSeat { Links: var links })
        {
            _links.Kill(links);
        }

        Facts.Add(new Fact.NodeGone(Now, node.Id, killed));
        Simulation.After(Seconds(0.05, 3), () => StartNode(node.Name));
    }

    private void OnViewChanged(Cluster.Membership.MembershipChange change, Cluster.Membership.MembershipTable table)
    {
        var nodes = table.Nodes.Select(n => n.Node.Id).ToList();
        Trace($"view {table.View}: {string.Join(", ", table.Nodes.Select(n => $"{n.Node.Id} {n.Node.Roles}"))}");
        var (before, now) = (new ShardMap(_view), new ShardMap(table.ToView()));
        Facts.Add(new Fact.ViewChanged(Now, table.View, nodes, [.. _view.Nodes.Select(n => n.Id).Except(nodes, StringComparer.Ordinal)]));
        foreach (var room in _plan.RoomNames)
        {
            if (before.OwnerOf(room)?.Id != now.OwnerOf(room)?.Id)
            {
                Trace($"{room} belongs to {now.OwnerOf(room)?.Id}");
                Facts.Add(new Fact.OwnerChanged(Now, room, now.OwnerOf(room)?.Id));
            }
        }

        _view = table.ToView();
    }

    private ClusterView _view = new(0, []);

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
