namespace ClusterChat.TestKit;

/// <summary>
/// A world of one node that is killed and started again, a store that outlives it, and clients: first a time of
/// unrest, then peace until all is settled. `SimWorld.Unrest.cs` has what happens in it.
/// </summary>
internal sealed partial class SimWorld
{
    /// <summary>How long after the last fault all has to be settled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<SimClient> _clients = [];
    private readonly SimPlan _plan;
    private int _incarnation;
    private bool _isPeace;

    public SimWorld(SimPlan plan)
    {
        _plan = plan;
        Simulation = new Simulation(plan.Seed);
        Store = new SimStore(Simulation, plan);
        Network = new VirtualNetwork(Simulation, new WireDelays(plan.WireMicroseconds.Usual, plan.WireMicroseconds.Rare, 0.02), Broken);
    }

    public Simulation Simulation { get; }

    public SimStore Store { get; }

    public VirtualNetwork Network { get; }

    public List<Fact> Facts { get; } = [];

    public Random Random => Simulation.Random;

    public void Trace(string line) => Simulation.Trace($"{Simulation.Clock.Elapsed.TotalSeconds:0.000000} {line}");

    /// <summary>Notes what must not happen.</summary>
    public void Broken(string what)
    {
        Trace("BROKEN " + what);
        Facts.Add(new Fact.Broken(Simulation.Clock.Elapsed, what));
    }

    /// <summary>Runs all of it.</summary>
    /// <returns>What was not settled in time; null if all was.</returns>
    public string? Run()
    {
        StartNode();
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

    private IEnumerable<SimClient> Living => _clients.Where(c => !c.IsDead);

    private void StartNode()
    {
        Trace($"node {++_incarnation} starts");
        Network.Node = new SimNode(Simulation, _incarnation, Store.Connect, _plan, Broken);
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

    private string? Unsettled()
    {
        if (Network.Node is not { } node)
        {
            return "no node is up";
        }

        foreach (var client in Living.Where(c => !c.IsSettled))
        {
            return $"{client.Name} is not settled: {string.Join("; ", client.Rooms.Select(Describe))}";
        }

        foreach (var room in Store.Journal.Rooms)
        {
            foreach (var client in Living)
            {
                if (client.Rooms.FirstOrDefault(r => r.Room == room.Name) is { } view && view.Seq != room.Head)
                {
                    return $"{client.Name} is at {view.Seq} in {room.Name}, the head is {room.Head}";
                }
            }
        }

        return node.Gateway.Rooms.Unacked > 0 ? $"{node.Gateway.Rooms.Unacked} writes wait for their ack" : null;
    }

    // After the dead have timed out nothing may be left of them.
    private string? Leftover()
    {
        var open = Network.Node!.Gateway.Registry.All.OrderBy(c => c.Id).ToList();
        var living = Living.Count();
        return open.Count == living && open.All(c => c.Unacked == 0 && c.Outbox.IsIdle) ? null
            : $"{living} clients live, and these connections are open: "
                + string.Join(", ", open.Select(c => $"{c.Id} (unacked {c.Unacked}, idle {c.Outbox.IsIdle}, closing {c.Outbox.Closing})"));
    }

    private static string Describe(RoomView view)
        => $"{view.Room} {(view.IsLive ? "live" : "out")} at {view.Seq}, asked {view.Asked}, unacked {string.Join(' ', view.Unacked.Select(w => w.Mid))}";

    private void NoteRest()
    {
        foreach (var client in Living)
        {
            foreach (var view in client.Rooms)
            {
                Facts.Add(new Fact.Rested(
                    Simulation.Clock.Elapsed, client.Name, client.ShownName, view.Room, view.Log ?? "", view.Seq, view.Listed,
                    view.Told is { } told && !client.MayHaveMissedPresence && _plan.Gateway.OutboxBytes >= 1024 * 1024
                        ? [.. told] : view.Listed));
            }
        }
    }
}
