using ClusterChat.Cluster;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// Somebody on this gateway who is in rooms or asks them something: a WebSocket, a stream of Server-Sent
/// Events, an HTTP request. The subscription calls it from its own turns: calls about one room do not overlap,
/// those about different rooms may. They must not block.
/// </summary>
internal interface IRoomClient
{
    /// <summary>For whom it asks; null where nobody counts what it takes.</summary>
    RoomOrigin? Origin => null;

    /// <summary>A page is about to be handed over, of so many bytes of lines.</summary>
    void OnRead(long bytes);

    /// <summary>The next events of a room that the client is live in.</summary>
    void OnEvents(RoomEvents events);

    /// <summary>A page of a join; the last one makes the client live: its events go on after <see cref="EnteredPage.Seq"/>.</summary>
    void OnEntered(JoinRoom join, EnteredPage page);

    /// <summary>A request was refused. After a refused <see cref="JoinRoom"/> the client is not in the room.</summary>
    void OnRefused(RoomCall call, ProtocolError error);

    /// <summary>A write is durable.</summary>
    void OnWritten(WriteRoom write, long seq, long ts, bool dup);

    /// <summary>A page of history.</summary>
    void OnHistory(ReadHistory read, EventPage page);

    /// <summary>A page of members.</summary>
    void OnMembers(ReadMembers read, MemberPage page);

    /// <summary>The client left the room as it asked to.</summary>
    void OnLeft(LeaveRoom leave);

    /// <summary>Members came or left.</summary>
    void OnPresence(PresenceChanged presence);

    /// <summary>A member is typing.</summary>
    void OnTyping(string room, string name, string uid);

    /// <summary>The client is out of the room, and may join again with its position.</summary>
    /// <param name="join">The join that ends.</param>
    void OnReset(JoinRoom join);

    /// <summary>Lets the client confirm that it has got all that it was told up to now.</summary>
    /// <returns>What to give to <see cref="HasHeard"/>.</returns>
    int AskWhetherHeard();

    /// <summary>Whether the client has confirmed it. A client that is gone never does.</summary>
    bool HasHeard(int asked);

    /// <summary>Whether the client can take another page of a join now.</summary>
    /// <param name="whenReady">Where it cannot: to be called once it can.</param>
    bool IsReady(Action whenReady);
}

/// <summary>A page of a join, as the client is to see it.</summary>
/// <param name="Log">The room's log.</param>
/// <param name="Seq">The position after the page.</param>
/// <param name="Recovered">Whether nothing is missing after the position asked for.</param>
/// <param name="Events">The events.</param>
/// <param name="More">Whether another page follows.</param>
/// <param name="Count">How many members the room has.</param>
/// <param name="Members">Their names; null where there are many.</param>
internal sealed record EnteredPage(
    string Log, long Seq, bool Recovered, IReadOnlyList<RoomEvent> Events, bool More, int Count, IReadOnlyList<string>? Members)
{
    /// <summary>The canonical lines of the events.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Lines => [.. Events.Select(e => e.Line)];
}
