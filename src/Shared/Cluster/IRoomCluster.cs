using Akka.Actor;

namespace ClusterChat.Cluster;

/// <summary>
/// What a gateway sees of the rooms, wherever they run.
/// </summary>
/// <remarks>
/// It promises little, no more than Akka does:
/// <list type="bullet">
/// <item>A message is delivered at most once. It may be lost; nobody is told.</item>
/// <item>Messages from one gateway to one room, and from one room to one gateway, keep their order while the
/// room's owner does not change. A late message of an earlier owner may arrive after those of the next.</item>
/// <item><see cref="Subscribe"/> activates its room if it is not active. What else comes for a stream that is not open is lost.</item>
/// <item>A room may be active twice for a while. The journal's fencing makes that harmless.</item>
/// </list>
/// The rest is end to end: writes are numbered per stream and repeated by <c>mid</c>, events are checked by
/// <c>seq</c> and fetched where one is missing, heads are repeated.
/// </remarks>
public interface IRoomCluster
{
    /// <summary>The name under which rooms address this gateway; it differs with every start of the process.</summary>
    string Self { get; }

    /// <summary>The newest view of the cluster known here.</summary>
    ClusterView View { get; }

    /// <summary>Sends a message to the owner of <see cref="ToRoom.Room"/>: at most once, never blocking.</summary>
    void Tell(ToRoom message);

    /// <summary>Says where messages from rooms go. Called once, before the first <see cref="Tell"/>.</summary>
    void Attach(IRoomMessageSink sink);

    /// <summary>
    /// Lists rooms in ordinal order of their UTF-8 names: those with a history, and those that are active.
    /// Counts of members may be some seconds old.
    /// </summary>
    ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken);
}

/// <summary>Where a gateway takes messages from rooms.</summary>
public interface IRoomMessageSink
{
    /// <summary>Takes a message. Called from any thread; must not block.</summary>
    void Deliver(FromRoom message);

    /// <summary>Takes a repetition of the heads of many rooms.</summary>
    void DeliverHeads(IReadOnlyList<RoomHead> heads);

    /// <summary>Rooms have other owners than before: their streams have ended, and are to be opened anew.</summary>
    /// <param name="moved">Says of a room whether it has moved.</param>
    void OwnersChanged(Func<string, bool> moved);
}

/// <summary>What other nodes want of the rooms of this one. Called from any thread; does not block.</summary>
public interface IRoomsNode
{
    /// <summary>A gateway is gone for good: its members leave all rooms.</summary>
    /// <param name="gateway">See <see cref="IRoomCluster.Self"/>.</param>
    void RemoveGateway(string gateway);

    /// <summary>Keeps what a room that stopped knew, in case that its next activation is here; or, of a memory room, that nothing is to be kept any more.</summary>
    /// <returns>False: nothing was to be kept, but a room here has gone on with it, or something of a later activation is kept.</returns>
    bool Keep(string room, RoomHandover state);

    /// <summary>See <see cref="IRoomCluster.ListRoomsAsync"/>; this node's share.</summary>
    ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken);
}

/// <summary>The way from a room to the gateways.</summary>
public interface IGatewayLinks
{
    /// <summary>Sends a message to a gateway: at most once, in order, never blocking.</summary>
    /// <param name="gateway">See <see cref="IRoomCluster.Self"/>.</param>
    /// <param name="message">The message.</param>
    /// <param name="room">The room's actor: the gateway answers there.</param>
    void Tell(string gateway, FromRoom message, IActorRef room);

    /// <summary>Repeats the heads of rooms to a gateway.</summary>
    void TellHeads(string gateway, IReadOnlyList<RoomHead> heads);
}

/// <summary>The newest event of a room, for subscribers that may have missed the last one before a silence.</summary>
/// <param name="Room">The room.</param>
/// <param name="Log">Its log.</param>
/// <param name="Epoch">The activation that says so.</param>
/// <param name="Head">The number of its newest committed event.</param>
/// <param name="Count">How many members it has told its gateways of; -1 where that is not said.</param>
public readonly record struct RoomHead(string Room, string Log, long Epoch, long Head, int Count = -1);

/// <summary>One page of the list of rooms.</summary>
/// <param name="Rooms">The rooms, in order.</param>
/// <param name="More">Whether others follow.</param>
public sealed record RoomListing(IReadOnlyList<ListedRoom> Rooms, bool More);

/// <summary>One room of a list.</summary>
/// <param name="Room">Its name.</param>
/// <param name="Count">How many members are in it.</param>
/// <param name="Seq">The number of its newest event.</param>
public readonly record struct ListedRoom(string Room, int Count, long Seq);
