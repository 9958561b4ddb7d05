using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;

namespace ClusterChat.TestKit;

/// <content>Plans with several nodes.</content>
public sealed partial record SimPlan
{
    private const NodeRoles Both = NodeRoles.Gateway | NodeRoles.Rooms;

    /// <summary>Several nodes, clients that are cut off, come back and go from one to another, and troubles of some kinds.</summary>
    public static SimPlan Cluster(int seed, SimTroubles troubles)
    {
        var random = new Random(unchecked((seed * 104729) + 17));
        return new SimPlan
        {
            Seed = seed,
            Nodes = Topology(random),
            Clients = random.Next(2, 7),
            RoomNames = [.. new[] { "a", "b", "mem:x", "c" }.Take(random.Next(1, 5))],
            Unrest = TimeSpan.FromSeconds(random.Next(8, 25)),
            Pause = TimeSpan.FromMilliseconds(random.Next(100, 900)),
            Burst = random.Next(1, 10),
            TextLength = random.Next(6) == 0 ? 900 : 40,
            Cuts = Sometimes(random, 2, 2, 10),
            UnrulyClients = random.Next(2) == 0,
            LinkMicroseconds = (random.Next(200, 5000), random.Next(5000, 300_000)),
            LinkSilence = TimeSpan.FromSeconds(random.Next(1, 8)),
            Detection = TimeSpan.FromSeconds(random.Next(1, 8)),
            WireMicroseconds = (random.Next(500, 30_000), random.Next(30_000, 500_000)),
            Rooms = LimitsOfRooms(random),
            Gateway = LimitsOfGateway(random),
        }.With(troubles, random);
    }

    /// <summary>The mix of a seed, with several nodes.</summary>
    public static SimPlan ClusterFrom(int seed)
    {
        var random = new Random(unchecked((seed * 7919) + 29));
        var troubles = SimTroubles.None;
        foreach (var kind in Enum.GetValues<SimTroubles>())
        {
            troubles |= random.Next(3) == 0 ? kind : SimTroubles.None;
        }

        return Cluster(seed, troubles);
    }

    private SimPlan With(SimTroubles troubles, Random random)
    {
        var isStoreBad = troubles.HasFlag(SimTroubles.Store);
        var isNarrow = troubles.HasFlag(SimTroubles.NarrowLinks);
        var isMisplaced = troubles.HasFlag(SimTroubles.Placement);
        return this with
        {
            NodeKills = Now(SimTroubles.Kills),
            Pauses = Now(SimTroubles.Pauses),
            LinkCuts = Now(SimTroubles.Cuts),
            LinkDrops = Now(SimTroubles.Drops),
            Drains = Now(SimTroubles.Drains),
            Scaling = Now(SimTroubles.Scaling),
            ClockJumps = Now(SimTroubles.ClockJumps),
            StoreCutOffs = Now(SimTroubles.StoreCutOffs),
            StoreAbsences = isStoreBad ? Sometimes(random, 2, 4, 15) : TimeSpan.Zero,
            StoreLost = isStoreBad && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreAnswerLost = isStoreBad && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreLate = isStoreBad && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreSlow = isStoreBad && random.Next(3) == 0 ? random.NextDouble() * 0.05 : 0,
            StoreMicroseconds = isStoreBad && random.Next(2) == 0 ? 60_000 : 3000,
            Misplacements = Now(SimTroubles.Placement),
            WordsLate = isMisplaced || random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(1, 5)) : TimeSpan.Zero,
            WordsLost = isMisplaced ? random.NextDouble() * 0.2 : 0,
            Flows = isNarrow
                ? new FlowLimits { MaxEventBytes = random.Next(1000, 8000), MaxBytes = random.Next(16_000, 32_000), MarkBytes = random.Next(200, 500) }
                : new FlowLimits(),
        };

        TimeSpan Now(SimTroubles kind) => troubles.HasFlag(kind) ? TimeSpan.FromSeconds(random.Next(2, 12)) : TimeSpan.Zero;
    }

    private static IReadOnlyList<NodeRoles> Topology(Random random) => random.Next(7) switch
    {
        0 => [Both],
        1 => [Both, Both],
        2 => [NodeRoles.Gateway, NodeRoles.Rooms, NodeRoles.Rooms],
        3 => [NodeRoles.Gateway, NodeRoles.Gateway, Both],
        4 => [Both, Both, Both, NodeRoles.Gateway, NodeRoles.Rooms],
        5 => [NodeRoles.Gateway, NodeRoles.Rooms],
        _ => [Both, Both, Both],
    };
}
