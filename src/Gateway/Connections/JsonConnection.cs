using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A client that speaks the JSON protocol.</summary>
internal sealed class JsonConnection(long id, IClientTransport transport, ConnectionServices services)
    : ClientConnection(id, transport, services)
{
    public override void OnEvents(RoomEvents events)
    {
        // Not foreach: through the interface its enumerator is an object, one for each member.
        var chunks = events.Chunks;
        for (var i = 0; i < chunks.Count; i++)
        {
            Outbox.Append(chunks[i]);
        }
    }

    public override void OnEntered(JoinRoom join, EnteredPage page) => Outbox.Append(ServerMessages.Joined(
        join.Id, join.Room, page.Log, page.Seq, page.Recovered, page.Lines, page.More, page.Count, page.Members));

    public override void OnHistory(ReadHistory read, EventPage page)
        => Outbox.Append(ServerMessages.History(read.Id, read.Room, page.Log, page.Lines, page.More));

    public override void OnMembers(ReadMembers read, MemberPage page)
        => Outbox.Append(ServerMessages.Members(read.Id, read.Room, page.Count, page.Names, page.More));

    public override void OnLeft(LeaveRoom leave) => Outbox.Append(ServerMessages.Left(leave.Id, leave.Room));

    public override void OnPresence(PresenceChanged presence)
        => Outbox.Append(ServerMessages.Presence(presence.Room, presence.Joined, presence.Left, presence.Count), droppable: true);

    public override void OnTyping(string room, string name, string uid) => Outbox.Append(ServerMessages.Typing(room, name, uid), droppable: true);

    protected override void WriteError(long? id, ProtocolError error) => Outbox.Append(ServerMessages.Error(id, error));

    public override void SendDrain(int afterMs) => Outbox.Append(ServerMessages.Drain(afterMs));

    protected override void Acknowledge(WriteRoom write, long seq, long ts, bool dup)
        => Outbox.Append(ServerMessages.Ack(write.Id, write.Room, write.Mid, seq, ts, dup));

    protected override void Refuse(RoomCall call, ProtocolError error)
    {
        if (call is not TypeInRoom)
        {
            SendError(call.Id, error);
        }
    }

    protected override void Reset(JoinRoom join) => Outbox.Append(ServerMessages.Reset(join.Room));
}
