using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Gateway.Connections;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.TestKit;

/// <summary>What a seed means: how large the world is, how small its limits are, and what goes wrong in it.</summary>
public sealed partial record SimPlan
{
    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>What the nodes do, one each.</summary>
    public IReadOnlyList<NodeRoles> Nodes { get; init; } = [NodeRoles.Gateway | NodeRoles.Rooms];

    /// <summary>The clients at the start.</summary>
    public int Clients { get; init; } = 4;

    /// <summary>The rooms; those under <c>mem:</c> are kept in memory only.</summary>
    public IReadOnlyList<string> RoomNames { get; init; } = ["a"];

    /// <summary>How long things happen and go wrong.</summary>
    public TimeSpan Unrest { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The mean pause between two things that a client does.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How many writes at most a client sends at once.</summary>
    public int Burst { get; init; } = 3;

    /// <summary>How long texts are at most.</summary>
    public int TextLength { get; init; } = 40;

    /// <summary>The mean time between two kills of the node; zero for never.</summary>
    public TimeSpan NodeKills { get; init; }

    /// <summary>The mean time between two absences of the store; zero for never.</summary>
    public TimeSpan StoreAbsences { get; init; }

    /// <summary>The mean time between two nodes that stand still; zero for never.</summary>
    public TimeSpan Pauses { get; init; }

    /// <summary>The mean time between two cuts of the network between nodes; zero for never.</summary>
    public TimeSpan LinkCuts { get; init; }

    /// <summary>The mean time between two links that break; zero for never.</summary>
    public TimeSpan LinkDrops { get; init; }

    /// <summary>The mean time between two nodes that are asked to stop; zero for never.</summary>
    public TimeSpan Drains { get; init; }

    /// <summary>Names of nodes that are never asked to stop.</summary>
    public IReadOnlyList<string> Spared { get; init; } = [];

    /// <summary>The mean time between two nodes that come or go for good; zero for never.</summary>
    public TimeSpan Scaling { get; init; }

    /// <summary>The mean time between two jumps of a wall clock; zero for never.</summary>
    public TimeSpan ClockJumps { get; init; }

    /// <summary>The mean time between two nodes that cannot reach the store; zero for never.</summary>
    public TimeSpan StoreCutOffs { get; init; }

    /// <summary>The mean time between two cut wires, of one client; zero for never.</summary>
    public TimeSpan Cuts { get; init; }

    /// <summary>Whether clients crash, stop reading, lie, or leave rooms.</summary>
    public bool UnrulyClients { get; init; }

    /// <summary>The share of the store's requests that are lost.</summary>
    public double StoreLost { get; init; }

    /// <summary>The share of the store's answers that are lost.</summary>
    public double StoreAnswerLost { get; init; }

    /// <summary>The share of the store's requests that take effect later.</summary>
    public double StoreLate { get; init; }

    /// <summary>The share of the store's steps that take up to three seconds.</summary>
    public double StoreSlow { get; init; }

    /// <summary>How long a step of the store takes at most.</summary>
    public int StoreMicroseconds { get; init; } = 3000;

    /// <summary>How long a wire takes at most, usually and now and then.</summary>
    public (int Usual, int Rare) WireMicroseconds { get; init; } = (3000, 200_000);

    /// <summary>How long a link takes at most, usually and now and then.</summary>
    public (int Usual, int Rare) LinkMicroseconds { get; init; } = (2000, 50_000);

    /// <summary>How long a link lasts over which nothing comes through.</summary>
    public TimeSpan LinkSilence { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What may be on its way to a gateway.</summary>
    public FlowLimits Flows { get; init; } = new();

    /// <summary>After how long at most a node that is dead, still, or out of reach is taken for gone.</summary>
    public TimeSpan Detection { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The mean time between two things with the places of rooms that sharding does not do, or hardly ever; zero for never.</summary>
    public TimeSpan Misplacements { get; init; }

    /// <summary>How late nodes hear of changes now and then; zero for never.</summary>
    public TimeSpan WordsLate { get; init; }

    /// <summary>The share of the words of sharding that are lost.</summary>
    public double WordsLost { get; init; }

    /// <summary>The rooms' limits.</summary>
    public RoomOptions Rooms { get; init; } = new();

    /// <summary>The gateway's limits.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>A world where only clients are cut off and come back.</summary>
    public static SimPlan Calm(int seed) => new()
    {
        Seed = seed,
        Cuts = TimeSpan.FromSeconds(5),
        Rooms = LimitsOfRooms(new Random(seed)),
        Gateway = LimitsOfGateway(new Random(seed)),
    };

    /// <summary>The mix of a seed.</summary>
    public static SimPlan From(int seed)
    {
        var random = new Random(unchecked((seed * 7919) + 13));
        var troubles = random.Next(3) > 0;
        return new SimPlan
        {
            Seed = seed,
            Clients = random.Next(2, 7),
            RoomNames = [.. new[] { "a", "b", "mem:x", "c" }.Take(random.Next(1, 5))],
            Unrest = TimeSpan.FromSeconds(random.Next(8, 30)),
            Pause = TimeSpan.FromMilliseconds(random.Next(50, 800)),
            Burst = random.Next(1, 12),
            TextLength = random.Next(4) == 0 ? 900 : 40,
            NodeKills = Sometimes(random, 2, 3, 15),
            StoreAbsences = troubles ? Sometimes(random, 2, 4, 15) : TimeSpan.Zero,
            Cuts = Sometimes(random, 2, 2, 10),
            UnrulyClients = random.Next(3) > 0,
            StoreLost = troubles && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreAnswerLost = troubles && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreLate = troubles && random.Next(2) == 0 ? random.NextDouble() * 0.1 : 0,
            StoreSlow = troubles && random.Next(3) == 0 ? random.NextDouble() * 0.05 : 0,
            StoreMicroseconds = random.Next(2) == 0 ? 3000 : 60_000,
            WireMicroseconds = (random.Next(500, 30_000), random.Next(30_000, 700_000)),
            Rooms = LimitsOfRooms(random),
            Gateway = LimitsOfGateway(random),
        };
    }

    private static TimeSpan Sometimes(Random random, int oneIn, int low, int high)
        => random.Next(oneIn) == 0 ? TimeSpan.FromSeconds(random.Next(low, high)) : TimeSpan.Zero;

    // Small limits, so that a short run meets them.
    private static RoomOptions LimitsOfRooms(Random random)
    {
        var batch = random.Next(1, 40);
        var options = new RoomOptions
        {
            TailEvents = random.Next(1, 60),
            TailBytes = random.Next(500, 20_000),
            MaxBatchWrites = batch,
            MidWindow = batch + random.Next(1, 60),
            MaxPage = random.Next(1, 40),
            MaxPageBytes = random.Next(500, 10_000),
            MaxWaitingWrites = random.Next(2) == 0 ? random.Next(2, 20) : 2048,
            MaxStashed = random.Next(3) == 0 ? random.Next(2, 20) : 4096,
            IdleAfter = TimeSpan.FromSeconds(random.Next(1, 10)),
            NamedPresence = random.Next(8) == 0 ? 2 : 200,
        };
        options.Memory.Add("mem:*");
        return options;
    }

    private static GatewayOptions LimitsOfGateway(Random random) => new()
    {
        PingInterval = TimeSpan.FromSeconds(5),
        OutboxBytes = random.Next(2) == 0 ? random.Next(12_000, 40_000) : 1024 * 1024,
        SendsPerSecond = random.Next(4) == 0 ? 5 : 0,
        SendBurst = 10,
        RequestsPerSecond = 0,
        MaxUnacked = random.Next(3) == 0 ? random.Next(1, 10) : 256,
        MaxUnackedPerRoom = random.Next(4) == 0 ? random.Next(8, 40) : 8192,
        SubscriptionIdle = TimeSpan.FromSeconds(random.Next(1, 6)),
        DrainGrace = TimeSpan.FromSeconds(random.Next(8, 31)),
        RecentEvents = random.Next(1, 60),
        BroadcastsPerSecond = random.Next(3) == 0 ? random.Next(2, 20) : 50,
        BroadcastBurst = random.Next(1, 9),
        GatherFromClients = random.Next(1, 4),
        OutputTimeout = TimeSpan.FromSeconds(random.Next(2, 31)),
    };
}
