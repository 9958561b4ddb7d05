namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>The vocabulary of faults: each by its name, as an action on a stage; afterwards the cluster is whole again.</summary>
internal static class FaultKinds
{
    public const string OthersOfFrozenGateway = "SIGSTOP of a gateway: the others meanwhile";
    private static readonly HashSet<string> None = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Func<FaultStage, Task>> All { get; } = new Dictionary<string, Func<FaultStage, Task>>(StringComparer.Ordinal)
    {
        ["kill-owner"] = s => KillAsync(s, "kill -9 of an owner", s.PickRole(NodeRoles.Rooms)),
        ["kill-gateway"] = s => KillAsync(s, "kill -9 of a gateway", s.PickRole(NodeRoles.Gateway)),
        ["kill-node"] = s => KillAsync(s, "kill -9 of a node with both roles", s.PickRole(NodeRoles.Gateway | NodeRoles.Rooms)),
        ["kill-all"] = KillAllAsync,
        ["rolling"] = RollAsync,
        ["scale"] = ScaleAsync,
        ["freeze-owner"] = FreezeOwnerAsync,
        ["freeze-gateway"] = FreezeGatewayAsync,
        ["cut"] = s => CutAsync(s, "cut link, both ways", oneWay: false),
        ["cut-one-way"] = s => CutAsync(s, "cut link, one way", oneWay: true),
        ["cut-gateway"] = CutGatewayAsync,
        ["stop-store"] = s => StopStoreAsync(s, "PostgreSQL stopped for 10 s", "INT", TimeSpan.FromSeconds(10)),
        ["kill-store"] = s => StopStoreAsync(s, "PostgreSQL killed (-9) and started", "KILL", TimeSpan.Zero),
    };

    /// <summary>Whether a fleet has a network of its own for it.</summary>
    public static bool NeedsNetwork(string kind) => kind.StartsWith("cut", StringComparison.Ordinal);

    /// <summary>Whether it is one of PostgreSQL.</summary>
    public static bool NeedsPostgres(string kind) => kind.EndsWith("-store", StringComparison.Ordinal);

    private static async Task KillAsync(FaultStage stage, string kind, FleetNode victim)
    {
        var (rooms, clients) = (stage.RoomsOf(victim), stage.ClientsOf(victim));
        var start = stage.Now;
        await Fleet.KillAsync(victim);
        await stage.FlowsAgainAsync(kind, start, rooms, clients);
        await ReturnAsync(stage);
    }

    private static async Task KillAllAsync(FaultStage stage)
    {
        var start = stage.Now;
        await Fleet.KillAsync([.. stage.Fleet.Running]);
        await stage.Fleet.ReviveAsync();
        await stage.FlowsAgainAsync("kill -9 of all nodes, started at once", start, stage.Load.Rooms.ToHashSet(StringComparer.Ordinal), None);
    }

    /// <summary>SIGTERM of each node in turn; each is back before the next one goes.</summary>
    private static async Task RollAsync(FaultStage stage)
    {
        foreach (var node in stage.Fleet.Running)
        {
            var (rooms, clients) = (stage.RoomsOf(node), stage.ClientsOf(node));
            var start = stage.Now;
            await stage.Fleet.TerminateAsync(node);
            await stage.FlowsAgainAsync("rolling deploy: a node leaves", start, rooms, clients, graceful: true);
            await stage.MovesAsync("rolling deploy: it comes back", stage.Fleet.ReviveAsync);
            await stage.Load.BalanceAsync(stage.Fleet.Gateways);
        }
    }

    /// <summary>Three more nodes at once, and away again.</summary>
    private static async Task ScaleAsync(FaultStage stage)
    {
        string[] names = ["x1", "x2", "x3"];
        await stage.MovesAsync("scale-out by 3 nodes at once", () => stage.Fleet.AddAsync([.. names.Select(n => (n, Fleet.Both))]));
        await stage.Load.BalanceAsync(stage.Fleet.Gateways);
        var leaving = names.Select(n => stage.Fleet[n]).ToList();
        var (rooms, clients) = (stage.RoomsOf(leaving), stage.ClientsOf(leaving));
        var start = stage.Now;
        await Task.WhenAll(leaving.Select(stage.Fleet.TerminateAsync));
        await stage.FlowsAgainAsync("scale-in by 3 nodes at once", start, rooms, clients, graceful: true);
        foreach (var node in leaving)
            await stage.Fleet.RemoveAsync(node);
    }

    /// <summary>An owner stands still until the others have removed it, and goes on: it has to find out, and to end.</summary>
    private static async Task FreezeOwnerAsync(FaultStage stage)
    {
        var victim = stage.PickRole(NodeRoles.Rooms);
        var (rooms, clients) = (stage.RoomsOf(victim), stage.ClientsOf(victim));
        var witness = stage.Pick(n => n != victim);
        var start = stage.Now;
        victim.MayFail = true;
        victim.Process.Freeze();
        await witness.Process.WaitForViewAsync(names => !names.Contains(victim.Name, StringComparer.Ordinal));
        await stage.FlowsAgainAsync("SIGSTOP of an owner until it is removed", start, rooms, clients);
        var views = (await stage.Fleet.Store.Journal.ReadAsync(rooms)).ToDictionary(r => r.Name, r => r.View, StringComparer.Ordinal);
        victim.Process.Thaw();
        await stage.Fleet.FailedAsync(victim);
        foreach (var room in (await stage.Fleet.Store.Journal.ReadAsync(rooms)).Where(r => r.View < views[r.Name]))
            stage.Fleet.Surprise($"{victim.Name} took {room.Name} back under view {room.View}, it had been opened under {views[room.Name]}");
        await ReturnAsync(stage);
    }

    /// <summary>A gateway stands still; nobody else is to notice.</summary>
    private static async Task FreezeGatewayAsync(FaultStage stage)
    {
        var victim = stage.PickRole(NodeRoles.Gateway);
        var (rooms, clients) = (stage.RoomsOf(victim), stage.ClientsOf(victim));
        var witness = stage.Pick(n => n != victim);
        var start = stage.Now;
        victim.MayFail = true;
        victim.Process.Freeze();
        await witness.Process.WaitForViewAsync(names => !names.Contains(victim.Name, StringComparer.Ordinal));
        await stage.FlowsAgainAsync(OthersOfFrozenGateway, start, rooms, clients, others: true);
        victim.Process.Thaw();
        await stage.Fleet.FailedAsync(victim);
        await ReturnAsync(stage);
    }

    /// <summary>Two nodes do not reach each other, or one of them not the other one, while both reach all others and the store.</summary>
    private static async Task CutAsync(FaultStage stage, string kind, bool oneWay)
    {
        var hold = TimeSpan.FromSeconds(12);
        var one = stage.Pick(n => n.Roles.HasFlag(NodeRoles.Gateway));
        var other = stage.Pick(n => n != one && n.Roles.HasFlag(NodeRoles.Rooms));
        var (network, rooms) = (stage.Fleet.Network!, stage.RoomsOf(one, other));
        (one.MayFail, other.MayFail) = (true, true);
        var start = stage.Now;
        await network.CutAsync(one.Name, other.Name);
        if (!oneWay)
            await network.CutAsync(other.Name, one.Name);
        await Task.Delay(hold, TimeProvider.System);
        await stage.FlowsAgainAsync(kind, start, rooms, None);
        await network.HealAsync(one.Name, other.Name);
        if (!oneWay)
            await network.HealAsync(other.Name, one.Name);
        await stage.CalmAsync();
    }

    /// <summary>A node that only serves clients and an owner do not reach each other, and all others reach both: one of the two is evicted.</summary>
    private static async Task CutGatewayAsync(FaultStage stage)
    {
        var (gateway, owner, network) = (stage.Pick(n => n.Roles == NodeRoles.Gateway), stage.PickRole(NodeRoles.Rooms), stage.Fleet.Network!);
        var (rooms, clients) = (stage.RoomsOf(owner), stage.ClientsOf(gateway));
        (gateway.MayFail, owner.MayFail) = (true, true);
        var start = stage.Now;
        await network.CutAsync(gateway.Name, owner.Name);
        await network.CutAsync(owner.Name, gateway.Name);
        await stage.Fleet.OneFailedAsync(gateway, owner);
        await stage.FlowsAgainAsync("cut link between a gateway and an owner", start, rooms, clients);
        await network.HealAsync(gateway.Name, owner.Name);
        await network.HealAsync(owner.Name, gateway.Name);
        await ReturnAsync(stage);
    }

    /// <summary>The database goes away, for everybody at once, and comes back.</summary>
    private static async Task StopStoreAsync(FaultStage stage, string kind, string signal, TimeSpan pause)
    {
        var server = ((PostgresFleetStore)stage.Fleet.Store).Server;
        var start = stage.Now;
        await server.StopAsync(signal);
        await Task.Delay(pause, TimeProvider.System);
        await server.StartAsync();
        await stage.FlowsAgainAsync(kind, start, stage.Load.Rooms.ToHashSet(StringComparer.Ordinal), None);
    }

    private static async Task ReturnAsync(FaultStage stage)
    {
        await stage.MovesAsync("a killed node comes back", stage.Fleet.ReviveAsync);
        await stage.Load.BalanceAsync(stage.Fleet.Gateways);
    }
}
