using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Messages;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Tests;

/// <summary>The nodes that keep what rooms knew, as one node sees them.</summary>
internal sealed class TestKeepers : IRoomKeepers
{
    /// <summary>All that was offered, in order.</summary>
    public List<KeeperOffer> Offers { get; } = [];

    /// <summary>Nodes that keep what they are told, and answer at once.</summary>
    public List<RoomsNode> Others { get; } = [];

    /// <summary>How many nodes are told besides, and answer only when the test does.</summary>
    public int Silent { get; set; }

    /// <summary>The one state that was offered.</summary>
    public RoomHandover State => Offers.ShouldHaveSingleItem().State;

    public int Offer(long request, string room, RoomHandover state, IActorRef actor)
    {
        Offers.Add(new KeeperOffer(request, room, state, actor));
        foreach (var node in Others)
        {
            if (!node.Keep(room, state))
                continue;
            actor.Tell(new RoomKept(request), ActorRefs.NoSender);
        }

        return Others.Count + Silent;
    }
}

/// <summary>What a room asked its keepers.</summary>
internal sealed record KeeperOffer(long Request, string Room, RoomHandover State, IActorRef Actor)
{
    /// <summary>One of the keepers answers.</summary>
    public void Answer() => Actor.Tell(new RoomKept(Request), ActorRefs.NoSender);
}
