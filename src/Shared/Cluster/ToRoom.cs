using ClusterChat.Diagnostics;
using ClusterChat.Protocol;

namespace ClusterChat.Cluster;

/// <summary>A member of a room.</summary>
/// <param name="User">The identity.</param>
/// <param name="Name">The name that it goes by in the room.</param>
/// <param name="Fleeting">Whether nobody can come back as this user: it was given no session to show. Its name is held for nobody.</param>
public sealed record Member(string User, string Name, bool Fleeting = false)
{
    /// <summary>Whether it is the same user under the same name: whether it can come back is no part of who it is.</summary>
    public bool Equals(Member? other) => other is not null && User == other.User && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(User, Name);
}

/// <summary>
/// A message from a gateway to a room. All of them belong to a <em>stream</em>: one gateway's subscription to
/// one room under one number. A gateway opens a new stream, with a higher number, whenever it is in doubt; the
/// room then forgets the older one.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">See <see cref="IRoomCluster.Self"/>.</param>
/// <param name="Stream">The number of the stream.</param>
public abstract record ToRoom(string Room, string Gateway, long Stream);

/// <summary>Opens a stream. Answered with <see cref="Subscribed"/>; events after that follow.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The number of the new stream.</param>
/// <param name="Members">All members that this gateway has in the room.</param>
/// <param name="Epoch">
/// The newest activation of the room that this gateway has heard of, 0 for none. An older one has been replaced, or goes
/// on under a higher number.
/// </param>
public sealed record Subscribe(string Room, string Gateway, long Stream, IReadOnlyList<Member> Members, long Epoch = 0)
    : ToRoom(Room, Gateway, Stream);

/// <summary>Ends a stream and takes its members out of the room.</summary>
public sealed record Unsubscribe(string Room, string Gateway, long Stream) : ToRoom(Room, Gateway, Stream);

/// <summary>
/// A member enters and wants a first page. Answered with <see cref="EventPage"/> or <see cref="Refused"/>
/// under the same request number.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Request">The sender's number of this request.</param>
/// <param name="Member">Who enters; null for a listener that is not shown.</param>
/// <param name="Since">Resume after this position; null for the newest page.</param>
/// <param name="Limit">How many events at most in a newest page.</param>
public sealed record Enter(string Room, string Gateway, long Stream, long Request, Member? Member, Position? Since, int Limit)
    : ToRoom(Room, Gateway, Stream);

/// <summary>The last connection of a member on this gateway left the room. Answered by <see cref="Left"/>: nothing else would tell the room, if it got lost.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Member">Who left.</param>
/// <param name="MayReturn">
/// Whether its line broke, or it goes to another gateway: the name is then held for its user for a while. False where it took its leave.
/// </param>
/// <param name="Request">For the answer; 0 for none.</param>
public sealed record Leave(string Room, string Gateway, long Stream, Member Member, bool MayReturn = false, long Request = 0) : ToRoom(Room, Gateway, Stream);

/// <summary>
/// A write to the log. Answered by an entry of <see cref="WritesDone"/> under the same number.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Number">The write's number among this gateway's writes to the room: 1, 2, 3 ...</param>
/// <param name="Previous">
/// The number of the unanswered write before this one; 0 where there is none. The room takes a write only behind
/// that one, so a lost write is never overtaken by a later one (go-back-N).
/// </param>
/// <param name="Author">The writer's identity and name.</param>
/// <param name="Visitor">True where the writer is not a member: its name must then not be a member's.</param>
/// <param name="Mid">The writer's id of the write.</param>
/// <param name="Content">What to write.</param>
public sealed record Write(
    string Room, string Gateway, long Stream, long Number, long Previous, Member Author, bool Visitor, string Mid, WriteContent Content)
    : ToRoom(Room, Gateway, Stream)
{
    /// <summary>Null for what is not traced: nearly always.</summary>
    public MessageTrace? Trace { get; init; }
}

/// <summary>Writes that go to a room together, in their order.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The stream.</param>
/// <param name="All">The writes, all of that room, gateway and stream.</param>
public sealed record Writes(string Room, string Gateway, long Stream, IReadOnlyList<Write> All) : ToRoom(Room, Gateway, Stream);

/// <summary>What a write puts into the log. Edits, deletions and reactions will be its other cases.</summary>
public abstract record WriteContent;

/// <summary>A message.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Reply">The number of the message that it answers; null if none.</param>
/// <param name="Data">A JSON object in UTF-8; empty if none.</param>
public sealed record MessageContent(string Text, long? Reply, ReadOnlyMemory<byte> Data) : WriteContent;

/// <summary>
/// Reads committed events. Answered with <see cref="EventPage"/> or <see cref="Refused"/>.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Gateway">The sender.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Request">The sender's number of this request.</param>
/// <param name="After">Only higher numbers.</param>
/// <param name="Before">Only lower numbers; <see cref="long.MaxValue"/> for all.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Newest">Which to keep where the limit cuts: the newest of the range, or the oldest.</param>
public sealed record ReadEvents(
    string Room, string Gateway, long Stream, long Request, long After, long Before, int Limit, bool Newest)
    : ToRoom(Room, Gateway, Stream);

/// <summary>Lists members in ordinal order of their names. Answered with <see cref="MemberPage"/>.</summary>
public sealed record ListMembers(string Room, string Gateway, long Stream, long Request, string After, int Limit)
    : ToRoom(Room, Gateway, Stream);

/// <summary>A member is typing. No answer; passed on to all gateways.</summary>
public sealed record Typing(string Room, string Gateway, long Stream, string Name, string User) : ToRoom(Room, Gateway, Stream);
