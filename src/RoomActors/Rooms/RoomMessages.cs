using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The journal opened the room, or failed to.</summary>
internal sealed record RoomOpened(OpenedRoom? Room, Exception? Error);

/// <summary>The journal answered an append.</summary>
internal sealed record AppendDone(AppendUnderWay Append, AppendResult Result);

/// <summary>An append that the journal has not answered yet.</summary>
/// <param name="room">Whose it is. It knows by this object whether it still waits for it: a restarted one does not.</param>
/// <param name="writes">What it answers.</param>
/// <param name="decision">What it commits.</param>
/// <param name="since">When it began.</param>
/// <param name="traces">Those of its writes.</param>
internal sealed class AppendUnderWay(
    IActorRef room, IReadOnlyList<Write> writes, RoomDecision decision, long since, MessageTrace[] traces) : IAppendCaller
{
    public IReadOnlyList<Write> Writes => writes;

    public RoomDecision Decision => decision;

    public long Since => since;

    public MessageTrace[] Traces => traces;

    public void Answered(AppendResult result) => room.Tell(new AppendDone(this, result), ActorRefs.NoSender);
}

/// <summary>The journal answered a read.</summary>
internal sealed record ReadDone(PageRequest Request, IReadOnlyList<StoredEvent>? Events, Exception? Error);

/// <summary>Time to open again.</summary>
internal sealed record Reopen
{
    public static Reopen Instance { get; } = new();
}

/// <summary>No subscriber for a while.</summary>
internal sealed record IdleTimeout
{
    public static IdleTimeout Instance { get; } = new();
}

/// <summary>Time for what is told at most once a second.</summary>
internal sealed record PresenceDue
{
    public static PresenceDue Instance { get; } = new();
}

/// <summary>Time for the names that came and left.</summary>
internal sealed record NamesDue
{
    public static NamesDue Instance { get; } = new();
}

/// <summary>The nodes that keep what the room knew have had time enough.</summary>
internal sealed record KeepersLate
{
    public static KeepersLate Instance { get; } = new();
}

/// <summary>Waited long enough for the gateways of the owner before.</summary>
internal sealed record GatewaysLate
{
    public static GatewaysLate Instance { get; } = new();
}

/// <summary>A gateway is gone for good, and its members with it.</summary>
internal sealed record GatewayGone(string Gateway);

/// <summary>What a page is read for.</summary>
/// <param name="Gateway">Who asked.</param>
/// <param name="Stream">On which stream.</param>
/// <param name="Request">Under which number.</param>
/// <param name="Range">What to read.</param>
/// <param name="Start">The position at which the page begins, if nothing is in it.</param>
/// <param name="Recovered">Whether it goes on where the client left off.</param>
/// <param name="Entering">Whether it answers <see cref="Enter"/>.</param>
/// <param name="Head">The head when it was asked for.</param>
/// <param name="Newest">How many of the newest events it is instead, where it cannot go on where the client left off.</param>
internal sealed record PageRequest(
    string Gateway, long Stream, long Request, ReadRange Range, long Start, bool Recovered, bool Entering, long Head, int Newest);
