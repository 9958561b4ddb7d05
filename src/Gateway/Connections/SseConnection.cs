using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// What a stream of Server-Sent Events asks for.
/// </summary>
/// <param name="Room">The room.</param>
/// <param name="Member">As whom; null for a listener that is not shown.</param>
/// <param name="Since">Where to resume; null for the newest events.</param>
/// <param name="Limit">How many of the newest events.</param>
internal sealed record SseRequest(string Room, Member? Member, Position? Since, int Limit);

/// <summary>
/// A client that listens to one room by Server-Sent Events. What is in the log has its position as the event's
/// id; presence and typing have none.
/// </summary>
internal sealed class SseConnection(long id, IClientTransport transport, ConnectionServices services)
    : ClientConnection(id, transport, services)
{
    private static readonly byte[] Opening = [.. ": joined\n\n"u8];

    private readonly TaskCompletionSource<ProtocolError?> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Position? _position;
    private volatile string _log = string.Empty;

    /// <summary>Null once the stream runs; or why it does not.</summary>
    public Task<ProtocolError?> Entered => _entered.Task;

    /// <summary>The last event that went out.</summary>
    public Position? Position => _position;

    /// <summary>Says why there will be no stream.</summary>
    public void Refused(ProtocolError error) => _entered.TrySetResult(error);

    public override void OnEvent(RoomEvent roomEvent)
    {
        _position = new Position(_log, roomEvent.Seq);
        Outbox.Append(roomEvent.ServerSent);
    }

    public override void OnEntered(JoinRoom join, EnteredPage page)
    {
        // In an empty room nothing else would send the headers, and the client would not know that it listens.
        Outbox.Append(Opening);
        _entered.TrySetResult(null);
        _log = page.Log;
        if (!page.Recovered)
        {
            Outbox.Append((byte[])[.. "event: reset\ndata: "u8, .. ServerMessages.Reset(join.Room), (byte)'\n', (byte)'\n']);
        }

        foreach (var roomEvent in page.Events)
        {
            OnEvent(roomEvent);
        }

        _position = new Position(page.Log, page.Seq);
    }

    public override void OnHistory(ReadHistory read, EventPage page)
    {
    }

    public override void OnMembers(ReadMembers read, MemberPage page)
    {
    }

    public override void OnLeft(LeaveRoom leave)
    {
    }

    public override void OnPresence(PresenceChanged presence)
        => AppendData(ServerMessages.Presence(presence.Room, presence.Joined, presence.Left, presence.Count));

    public override void OnTyping(string room, string name) => AppendData(ServerMessages.Typing(room, name));

    public override void SendError(long? id, ProtocolError error)
    {
    }

    public override void SendDrain(int afterMs)
    {
    }

    protected override void Acknowledge(WriteRoom write, long seq, long ts, bool dup)
    {
    }

    protected override void Refuse(RoomCall call, ProtocolError error)
    {
    }

    protected override void Reset(JoinRoom join)
    {
    }

    private void AppendData(byte[] line)
        => Outbox.Append((byte[])[.. "data: "u8, .. line, (byte)'\n', (byte)'\n'], droppable: true);
}
