namespace ClusterChat.TestKit;

/// <summary>
/// One thing that was seen from outside during a run: by a client, on the wire, or done by the world. The order of
/// the list is the order in which they happened. A checker needs nothing else but the journal.
/// </summary>
/// <param name="At">Virtual time.</param>
public abstract record Fact(TimeSpan At)
{
    /// <summary>An event as a client saw it.</summary>
    public sealed record SeenEvent(long Seq, string Line);

    /// <summary>A client learned who it is.</summary>
    public sealed record Welcomed(TimeSpan At, string Client, string User) : Fact(At);

    /// <summary>A client put a write on the wire. A repeat is a fact of its own.</summary>
    public sealed record Sent(TimeSpan At, string Client, long Connection, string Room, string Mid, string Text) : Fact(At);

    /// <summary>A gateway put an ack on the wire. <paramref name="Durable"/>: the store held the event then.</summary>
    public sealed record AckWritten(TimeSpan At, string Node, string Client, string Room, string Mid, long Seq, bool Durable) : Fact(At);

    /// <summary>A client got an ack.</summary>
    public sealed record Acked(TimeSpan At, string Client, long Connection, string Room, string Mid, long Seq) : Fact(At);

    /// <summary>The server answered a write with an error, whether or not the client lived to see it.</summary>
    public sealed record WriteRefused(TimeSpan At, string Client, string Room, string Mid, string Code) : Fact(At);

    /// <summary>A client asked to be let in; with <paramref name="Log"/> it resumes after <paramref name="Since"/>.</summary>
    public sealed record JoinAsked(TimeSpan At, string Client, long Connection, string Room, string? Log, long Since) : Fact(At);

    /// <summary>A page of a join arrived.</summary>
    public sealed record PageSeen(
        TimeSpan At, string Client, long Connection, string Room, string Log, long Seq, bool Recovered, bool More, IReadOnlyList<SeenEvent> Events)
        : Fact(At);

    /// <summary>A page of history arrived: what lies before <paramref name="Before"/>.</summary>
    public sealed record HistorySeen(
        TimeSpan At, string Client, string Room, string Log, long Before, int Limit, bool More, IReadOnlyList<SeenEvent> Events) : Fact(At);

    /// <summary>A live event arrived.</summary>
    public sealed record EventSeen(TimeSpan At, string Client, long Connection, string Room, SeenEvent Event) : Fact(At);

    /// <summary>A client was told to join again.</summary>
    public sealed record ResetSeen(TimeSpan At, string Client, string Room) : Fact(At);

    /// <summary>A client is out of a room, as it wanted; it forgets where it was.</summary>
    public sealed record Left(TimeSpan At, string Client, string Room) : Fact(At);

    /// <summary>A connection is over; the client may come back.</summary>
    public sealed record Disconnected(TimeSpan At, string Client, long Connection, int? Code) : Fact(At);

    /// <summary>A process has started. Nodes are named by name and incarnation.</summary>
    public sealed record NodeStarted(TimeSpan At, string Node) : Fact(At);

    /// <summary>A process is gone, and all that it had in memory; by itself, or <paramref name="Killed"/>.</summary>
    public sealed record NodeGone(TimeSpan At, string Node, bool Killed) : Fact(At);

    /// <summary>A process runs nothing until <see cref="NodeResumed"/>.</summary>
    public sealed record NodePaused(TimeSpan At, string Node) : Fact(At);

    /// <summary>A process goes on.</summary>
    public sealed record NodeResumed(TimeSpan At, string Node) : Fact(At);

    /// <summary>A node is asked to stop.</summary>
    public sealed record NodeTerminated(TimeSpan At, string Node) : Fact(At);

    /// <summary>One node alone cannot reach the store, or can again.</summary>
    public sealed record StoreReach(TimeSpan At, string Node, bool IsAway) : Fact(At);

    /// <summary>Nothing gets through between two nodes, by name, in one direction or both; or it does again.</summary>
    public sealed record NetworkCut(TimeSpan At, string A, string B, bool IsCut) : Fact(At);

    /// <summary>A node's membership has ended, or it was told to stop.</summary>
    public sealed record MembershipOver(TimeSpan At, string Node, string Reason) : Fact(At);

    /// <summary>The table of nodes has changed. <paramref name="Removed"/>: who is in it no longer.</summary>
    public sealed record ViewChanged(TimeSpan At, long View, IReadOnlyList<string> Nodes, IReadOnlyList<string> Removed) : Fact(At);

    /// <summary>A room gets another owner, or loses the one that it had.</summary>
    public sealed record OwnerChanged(TimeSpan At, string Room, string? Node) : Fact(At);

    /// <summary>A node takes itself for the owner of a room that has another one, or was asked to stop.</summary>
    public sealed record SecondOwner(TimeSpan At, string Room, string Node, bool IsOver) : Fact(At);

    /// <summary>The store let a node open a room.</summary>
    public sealed record Opened(TimeSpan At, string Node, string Room, long Epoch) : Fact(At);

    /// <summary>The store took in a node's append.</summary>
    public sealed record Appended(TimeSpan At, string Node, string Room, long Epoch, long BaseSeq, int Count) : Fact(At);

    /// <summary>Something that must not happen at all, as the world noticed it: an actor that failed, a reply out of place.</summary>
    public sealed record Broken(TimeSpan At, string What) : Fact(At);

    /// <summary>How a client that is still there stands at the end, after the world has been quiet.</summary>
    public sealed record Rested(
        TimeSpan At, string Client, string Name, string Room, string Log, long Seq, IReadOnlyList<string> Members, IReadOnlyList<string> ToldMembers)
        : Fact(At);
}
