using System.Diagnostics;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <summary>What a client asks of a room, by way of the gateway's subscription to it.</summary>
/// <param name="Client">Who asks, and hears the answer.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
internal abstract record RoomCall(IRoomClient Client, long? Id, string Room) : ISubscriptionMessage;

/// <summary>Enter the room: pages, then live events.</summary>
/// <param name="Client">Who enters.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
/// <param name="Member">As whom; null for a listener that is not shown.</param>
/// <param name="Since">Where to resume; null for the newest page.</param>
/// <param name="Limit">The size of a newest page.</param>
internal sealed record JoinRoom(IRoomClient Client, long? Id, string Room, Member? Member, Position? Since, int Limit)
    : RoomCall(Client, Id, Room)
{
    /// <summary>Whether the client took its leave while the join was on its way. The subscription's.</summary>
    public bool TookLeave { get; set; }
}

/// <summary>Leave the room.</summary>
/// <param name="Client">Who leaves.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
/// <param name="Silent">No answer is wanted: the connection is gone.</param>
/// <param name="Of">The join that it ends; null for whichever there is. A late one then ends no later join.</param>
internal sealed record LeaveRoom(IRoomClient Client, long? Id, string Room, bool Silent, JoinRoom? Of = null)
    : RoomCall(Client, Id, Room)
{
    /// <summary>Whether the name is to be held: the client did not take its leave, its connection is gone.</summary>
    public bool MayReturn { get; init; }
}

/// <summary>Write to the log.</summary>
/// <param name="Client">Who hears the answer.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
/// <param name="Author">Who writes.</param>
/// <param name="Visitor">Whether the writer need not be in the room (HTTP).</param>
/// <param name="Mid">The client's id of the write.</param>
/// <param name="Content">What to write.</param>
internal sealed record WriteRoom(
    IRoomClient Client, long? Id, string Room, Member Author, bool Visitor, string Mid, WriteContent Content)
    : RoomCall(Client, Id, Room)
{
    /// <summary>When it was handed in, as a timestamp of the clock.</summary>
    public long BegunAt { get; set; }

    /// <summary>The root of its trace; null for what is not traced.</summary>
    public Activity? Span { get; set; }
}

/// <summary>Read events of the past.</summary>
/// <param name="Client">Who asks.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
/// <param name="Visitor">Whether the reader need not be in the room (HTTP).</param>
/// <param name="After">Only higher numbers; the oldest of them first. 0 together with <paramref name="Before"/>.</param>
/// <param name="Before">Only lower numbers; the newest of them.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record ReadHistory(IRoomClient Client, long? Id, string Room, bool Visitor, long After, long Before, int Limit)
    : RoomCall(Client, Id, Room);

/// <summary>List members.</summary>
/// <param name="Client">Who asks.</param>
/// <param name="Id">The client's number of the request.</param>
/// <param name="Room">The room.</param>
/// <param name="Visitor">Whether the reader need not be in the room (HTTP).</param>
/// <param name="After">Only names after this one.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record ReadMembers(IRoomClient Client, long? Id, string Room, bool Visitor, string After, int Limit)
    : RoomCall(Client, Id, Room);

/// <summary>Say that the client is typing.</summary>
internal sealed record TypeInRoom(IRoomClient Client, string Room, Member Who) : RoomCall(Client, null, Room);
