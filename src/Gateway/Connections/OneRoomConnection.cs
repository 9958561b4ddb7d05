using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// A client that listens to one room, and for which the server keeps the position: it asks nothing, so most
/// answers have nowhere to go.
/// </summary>
internal abstract class OneRoomConnection(long id, IClientTransport transport, ConnectionServices services)
    : ClientConnection(id, transport, services)
{
    private volatile Position? _position;
    private volatile string _log = string.Empty;

    /// <summary>The last event that went out.</summary>
    public Position? Position => _position;

    public override void OnEvents(RoomEvents events) => OnEvents(events.Events);

    public override void OnEntered(JoinRoom join, EnteredPage page)
    {
        _log = page.Log;
        Begin(join, page);
        OnEvents(page.Events);
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
    {
    }

    public override void OnTyping(string room, string name, string uid)
    {
    }

    protected override void WriteError(long? id, ProtocolError error)
    {
    }

    public override void SendDrain(int afterMs)
    {
    }

    /// <summary>Writes an event in the client's form.</summary>
    protected abstract void Send(RoomEvent roomEvent);

    /// <summary>Writes what comes before the events of a page.</summary>
    protected virtual void Begin(JoinRoom join, EnteredPage page)
    {
    }

    private void OnEvents(IReadOnlyList<RoomEvent> events)
    {
        foreach (var roomEvent in events)
        {
            _position = new Position(_log, roomEvent.Seq);
            Send(roomEvent);
        }
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
}
