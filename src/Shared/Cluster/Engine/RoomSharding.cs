using Akka.Actor;
using Akka.Cluster.Sharding;
using ClusterChat.Cluster.Allocation;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Cluster.Engine;

/// <summary>Rooms as entities of Akka's cluster sharding.</summary>
public static class RoomSharding
{
    /// <summary>The entities' type.</summary>
    public const string TypeName = "rooms";

    /// <summary>
    /// How many shards there are; the same on all nodes of a cluster for ever. 64: after the loss of a node its shards are placed one after the
    /// other, some milliseconds each, and with 20 nodes there still are three for each.
    /// </summary>
    public const int Shards = 64;

    // For each shard that moves the coordinator writes its state twice to a majority, one shard after the other, and a room stands still until
    // all that began with its own are through: with all 64 at once that was 60 to 150 ms, with two it is 30 to 55. Every 200 ms
    // (rebalance-interval) two more: a node has its share after three seconds at most.
    private const int MovesAtOnce = 2;

    /// <summary>Starts the shard region of a node that owns rooms.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="entity">How to make the actor of a room.</param>
    /// <param name="stop">The message with which rooms are handed over.</param>
    public static Task<IActorRef> StartAsync(ActorSystem system, Func<string, Props> entity, object stop) => ClusterSharding.Get(system).StartAsync(
        TypeName,
        entity,
        ClusterShardingSettings.Create(system).WithRole(RoleNames.Rooms),
        new Extractor(),
        new RendezvousAllocation(NodeKeys.Of(Akka.Cluster.Cluster.Get(system).SelfAddress), MovesAtOnce),
        stop);

    /// <summary>Starts the proxy of a node without rooms.</summary>
    public static Task<IActorRef> StartProxyAsync(ActorSystem system)
        => ClusterSharding.Get(system).StartProxyAsync(TypeName, RoleNames.Rooms, new Extractor());

    /// <summary>Where a room belongs, once all is settled.</summary>
    /// <param name="room">The room.</param>
    /// <param name="addresses">Where the nodes that own rooms are reached, <c>host:port</c>; at least one.</param>
    public static string HomeOf(string room, IEnumerable<string> addresses)
    {
        var shard = new Extractor().ShardId(room);
        return addresses.MaxBy(address => RendezvousAllocation.Weight(shard, address))!;
    }

    private sealed class Extractor() : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message) => (message as ToRoom)?.Room;
    }
}
