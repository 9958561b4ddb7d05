using Akka;
using Akka.Actor;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Cluster.Engine;
using ClusterChat.Gateway;

namespace ClusterChat.Host;

/// <summary>
/// An orderly stop, in the phases of Akka's coordinated shutdown: no new clients, those that are there sent elsewhere and their acks waited for, rooms
/// given to other nodes, the cluster left, the row removed from the table of nodes.
/// </summary>
internal static class NodeShutdown
{
    // In good order, and with a machine that is not busy, all rooms are given away in some 100 ms.
    private static readonly TimeSpan RegionPatience = TimeSpan.FromSeconds(1);

    /// <summary>Adds what is this node's own to do; giving the rooms away and leaving are Akka's.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="gateway">Null where the node takes no clients.</param>
    /// <param name="cluster">Its way to rooms.</param>
    /// <param name="formation">Registered this node.</param>
    /// <param name="view">Ends the node at once where the others have downed it.</param>
    /// <param name="region">The shard region, or its proxy.</param>
    /// <param name="rooms">How many rooms run here.</param>
    /// <param name="limits">How long the clients have.</param>
    /// <param name="clock">The clock.</param>
    public static void Plan(
        ActorSystem system, GatewayNode? gateway, RoomCluster cluster, ClusterFormation formation, ArbiterView view, IActorRef region, Func<int> rooms,
        Gateway.Connections.GatewayOptions limits, TimeProvider clock)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "said-to-all", () =>
        {
            // Gossip can be quicker than the table. Nothing is in order then: see NodeEnd.
            if (shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
            {
                view.EndDown();
            }

            cluster.BeginDrain();
            return Task.FromResult(Done.Instance);
        });
        if (gateway is not null)
        {
            shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "no-new-clients", () =>
            {
                gateway.BeginDrain();
                return Task.FromResult(Done.Instance);
            });
            shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "clients-go-elsewhere", async () =>
            {
                await gateway.DrainAsync(limits.DrainGrace);
                return Done.Instance;
            });
        }

        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "no-more-streams", () =>
        {
            cluster.Close();
            return Task.FromResult(Done.Instance);
        });

        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "region-not-held-up", async () =>
        {
            await EndAsync(system, region, rooms, clock);
            return Done.Instance;
        });

        // After the others have seen it leave: who misses the row of a member takes it for evicted.
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "row-removed", async () =>
        {
            await formation.LeaveAsync();
            return Done.Instance;
        });
    }

    /// <summary>
    /// Akka's region does not end before all that it keeps for other rooms has found its way. Where all nodes stop at once there is none, and it would
    /// wait for the end of the phase (10 s). With no rooms left here it has nothing to lose.
    /// </summary>
    private static async Task EndAsync(ActorSystem system, IActorRef region, Func<int> rooms, TimeProvider clock)
    {
        var ended = region.WatchAsync();
        while (!ended.IsCompleted)
        {
            await Task.WhenAny(ended, Task.Delay(RegionPatience, clock));
            if (!ended.IsCompleted && rooms() == 0)
            {
                system.Stop(region);
            }
        }
    }
}
