using System.Text;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A bare WebSocket client: each message is a frame <c>NAME: TEXT</c>, each refusal a frame <c>* reason</c>.</summary>
internal sealed class PlainConnection(long id, IClientTransport transport, ConnectionServices services)
    : ClientConnection(id, transport, services)
{
    private volatile Position? _position;
    private volatile string _log = string.Empty;

    /// <summary>The last event that went out.</summary>
    public Position? Position => _position;

    public override void OnEvent(RoomEvent roomEvent)
    {
        _position = new Position(_log, roomEvent.Seq);
        if (!roomEvent.Plain.IsEmpty)
        {
            Outbox.Append(roomEvent.Plain);
        }
    }

    public override void OnEntered(JoinRoom join, EnteredPage page)
    {
        _log = page.Log;
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
    {
    }

    public override void OnTyping(string room, string name)
    {
    }

    public override void SendError(long? id, ProtocolError error) => Outbox.Append(Encoding.UTF8.GetBytes("* " + error.Message));

    public override void SendDrain(int afterMs)
    {
    }

    protected override void Acknowledge(WriteRoom write, long seq, long ts, bool dup)
    {
    }

    protected override void Refuse(RoomCall call, ProtocolError error)
    {
        // A refused join is the actor's to try again.
        if (call is WriteRoom)
        {
            SendError(null, error);
        }
    }

    protected override void Reset(JoinRoom join)
    {
    }
}
