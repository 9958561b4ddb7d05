using ClusterChat.Diagnostics;
using ClusterChat.Protocol;

namespace ClusterChat.Cluster;

/// <summary>
/// A message from a room to a gateway, on the stream that the gateway opened.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream that it belongs to; a gateway drops what belongs to an older one.</param>
public abstract record FromRoom(string Room, long Stream) : ISubscriptionMessage;

/// <summary>Whatever a gateway's subscription to a room receives.</summary>
public interface ISubscriptionMessage;

/// <summary>The stream is open.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Log">The identity of the room's history.</param>
/// <param name="Epoch">The activation that answers. A gateway never goes back to a lower one.</param>
/// <param name="Head">The newest committed event; <see cref="EventsCommitted"/> goes on after it.</param>
public sealed record Subscribed(string Room, long Stream, string Log, long Epoch, long Head) : FromRoom(Room, Stream);

/// <summary>
/// The room does not know the stream, or gives it up (it passivates, moves, or starts again): subscribe anew.
/// </summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Full">The owner has as many rooms as it may have, and opens no other one: subscribe later, and tell who waits.</param>
public sealed record StreamEnded(string Room, long Stream, bool Full = false) : FromRoom(Room, Stream);

/// <summary>Committed events, in order, without a hole among them.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream.</param>
/// <param name="FirstSeq">The number of the first one.</param>
/// <param name="Lines">Their canonical lines.</param>
public sealed record EventsCommitted(string Room, long Stream, long FirstSeq, IReadOnlyList<ReadOnlyMemory<byte>> Lines)
    : FromRoom(Room, Stream)
{
    /// <summary>Those of the events' writes that are traced: nearly always none.</summary>
    public MessageTrace[] Traces { get; init; } = [];
}

/// <summary>Answers writes.</summary>
public sealed record WritesDone(string Room, long Stream, IReadOnlyList<WriteDone> Writes) : FromRoom(Room, Stream);

/// <summary>The answer to one write.</summary>
/// <param name="Number">The write's number.</param>
/// <param name="Seq">Its event's number in the room; 0 with an error.</param>
/// <param name="Ts">Its event's time.</param>
/// <param name="Dup">Whether the event was there already.</param>
/// <param name="Error">Why it was not written. A temporary one leaves the outcome open.</param>
public readonly record struct WriteDone(long Number, long Seq, long Ts, bool Dup, ProtocolError? Error);

/// <summary>The answer to <see cref="Enter"/> and <see cref="ReadEvents"/>.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Request">The request's number.</param>
/// <param name="Log">The identity of the room's history.</param>
/// <param name="FirstSeq">The number of the first event of the page, if there is one.</param>
/// <param name="Lines">The events.</param>
/// <param name="EndSeq">
/// The position after this page: the last event's number, or where there is none, the position at which the page begins.
/// </param>
/// <param name="More">Whether the range that was asked for holds further events (older ones where the newest were asked for).</param>
/// <param name="Recovered">False: the position asked for cannot be resumed; this is the newest page instead.</param>
/// <param name="Count">How many members the room has.</param>
/// <param name="Members">Their names; null for <see cref="ReadEvents"/> and in rooms with many members.</param>
public sealed record EventPage(
    string Room, long Stream, long Request, string Log, long FirstSeq, IReadOnlyList<ReadOnlyMemory<byte>> Lines,
    long EndSeq, bool More, bool Recovered, int Count, IReadOnlyList<string>? Members)
    : FromRoom(Room, Stream);

/// <summary>The answer to <see cref="ListMembers"/>.</summary>
public sealed record MemberPage(string Room, long Stream, long Request, int Count, IReadOnlyList<string> Names, bool More)
    : FromRoom(Room, Stream);

/// <summary>The answer to <see cref="Leave"/>.</summary>
public sealed record Left(string Room, long Stream, long Request) : FromRoom(Room, Stream);

/// <summary>A request other than a write was refused.</summary>
public sealed record Refused(string Room, long Stream, long Request, ProtocolError Error) : FromRoom(Room, Stream);

/// <summary>Members came or left.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Joined">The names that came; null in rooms with many members.</param>
/// <param name="Left">The names that left; null in rooms with many members.</param>
/// <param name="Count">How many there are now.</param>
public sealed record PresenceChanged(
    string Room, long Stream, IReadOnlyList<string>? Joined, IReadOnlyList<string>? Left, int Count)
    : FromRoom(Room, Stream);

/// <summary>A member is typing.</summary>
public sealed record TypingNoticed(string Room, long Stream, string Name, string User) : FromRoom(Room, Stream);
