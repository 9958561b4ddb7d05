using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A stream of Server-Sent Events.</summary>
internal sealed class SseConnectionActor(SseConnection connection, ConnectionServices services, SseRequest request)
    : OneRoomConnectionActor(connection, services)
{
    protected override bool MustSayHello => false;

    protected override void OnFrame(ReadOnlySpan<byte> frame)
    {
    }

    protected override void OnJoinEnded(JoinEnded ended)
    {
        // Before the stream has begun, an answer is better than a retry.
        if (ended.Error is { } error && !connection.Entered.IsCompleted)
        {
            OnRefused(error);
        }
        else
        {
            base.OnJoinEnded(ended);
        }
    }

    protected override void OnRefused(ProtocolError error)
    {
        connection.Refused(error);
        connection.Outbox.Close(CloseReason.Normal, error.Message);
    }

    protected override void Enter()
    {
        // Who shows no session may have no use for the one that it was given.
        Identity = request.Who is { } who ? who.Member with { Fleeting = who.IsNew } : null;
        Join(new JoinRequest(null, request.Room, connection.Position ?? request.Since, request.Limit));
    }
}
