using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A bare WebSocket client: each message is a frame <c>NAME: TEXT</c>, each refusal a frame <c>* reason</c>.</summary>
internal sealed class PlainConnection(long id, IClientTransport transport, ConnectionServices services)
    : OneRoomConnection(id, transport, services)
{
    protected override void WriteError(long? id, ProtocolError error) => Outbox.Append(PlainLines.Notice(error.Message));

    public override void SendNotice(string text, byte[] line) => Outbox.Append(PlainLines.Notice(text));

    protected override void Send(RoomEvent roomEvent)
    {
        if (!roomEvent.Plain.IsEmpty)
        {
            Outbox.Append(roomEvent.Plain);
        }
    }

    protected override void Refuse(RoomCall call, ProtocolError error)
    {
        // A refused join is the actor's to try again.
        if (call is WriteRoom)
        {
            SendError(null, error);
        }
    }
}
