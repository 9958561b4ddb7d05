using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Gateway;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.TestKit;

/// <summary>A node with both roles in a process of the simulated world, put together as the host does it.</summary>
public sealed class SimNode
{
    /// <summary>Starts a node.</summary>
    /// <param name="simulation">The world.</param>
    /// <param name="incarnation">Tells this start from others.</param>
    /// <param name="connectStore">Gives the process its way to the store.</param>
    /// <param name="plan">The limits.</param>
    /// <param name="failed">Hears of actors that failed.</param>
    public SimNode(Simulation simulation, int incarnation, Func<SimulatedProcess, IJournal> connectStore, SimPlan plan, Action<string> failed)
    {
        var random = new Random(simulation.Random.Next());
        Process = new SimulatedProcess(simulation, $"n{incarnation}");
        var system = simulation.CreateActorSystem(Process, new FailureLogger<ActorSystem>(failed));
        var cluster = new LocalRoomCluster(new ClusterNode("n", $"{incarnation}", NodeRoles.Gateway | NodeRoles.Rooms));
        Region = new RoomRegion(
            system, connectStore(Process), cluster, () => cluster.View.Number, plan.Rooms, () => $"{random.Next():x8}", NullLogger<RoomRegion>.Instance);
        cluster.Attach(Region);
        Gateway = new GatewayNode(
            system, Process, cluster, plan.Gateway, new GatewaySetup("n", new byte[32], () => Bytes(random)) { Lanes = 2 }, NullLogger<GatewayNode>.Instance);
    }

    /// <summary>What it runs in.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>The gateway.</summary>
    public GatewayNode Gateway { get; }

    /// <summary>The rooms.</summary>
    public RoomRegion Region { get; }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return bytes;
    }
}
