using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// What a stream of Server-Sent Events asks for.
/// </summary>
/// <param name="Room">The room.</param>
/// <param name="Who">As whom; null for a listener that is not shown.</param>
/// <param name="Since">Where to resume; null for the newest events.</param>
/// <param name="Limit">How many of the newest events.</param>
internal sealed record SseRequest(string Room, ClientIdentity? Who, Position? Since, int Limit);

/// <summary>
/// A client that listens to one room by Server-Sent Events. What is in the log has its position as the event's
/// id; presence and typing have none.
/// </summary>
internal sealed class SseConnection(long id, IClientTransport transport, ConnectionServices services)
    : OneRoomConnection(id, transport, services)
{
    private static readonly byte[] Opening = [.. ": joined\n\n"u8];

    private readonly TaskCompletionSource<ProtocolError?> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null once the stream runs; or why it does not.</summary>
    public Task<ProtocolError?> Entered => _entered.Task;

    /// <summary>Says why there will be no stream.</summary>
    public void Refused(ProtocolError error) => _entered.TrySetResult(error);

    public override void OnPresence(PresenceChanged presence)
        => AppendData(ServerMessages.Presence(presence.Room, presence.Joined, presence.Left, presence.Count));

    public override void OnTyping(string room, string name, string uid) => AppendData(ServerMessages.Typing(room, name, uid));

    public override void SendNotice(string text, byte[] line) => AppendData(line, droppable: false);

    protected override void Send(RoomEvent roomEvent) => Outbox.Append(roomEvent.ServerSent);

    protected override void Begin(JoinRoom join, EnteredPage page)
    {
        // In an empty room nothing else would send the headers, and the client would not know that it listens.
        Outbox.Append(Opening);
        _entered.TrySetResult(null);
        if (!page.Recovered)
        {
            Outbox.Append((byte[])[.. "event: reset\ndata: "u8, .. ServerMessages.Reset(join.Room), (byte)'\n', (byte)'\n']);
        }
    }

    private void AppendData(byte[] line, bool droppable = true)
        => Outbox.Append((byte[])[.. "data: "u8, .. line, (byte)'\n', (byte)'\n'], droppable);
}
