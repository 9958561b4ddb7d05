using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A client that speaks the JSON protocol: hello first, then requests, one a line.</summary>
internal sealed class JsonConnectionActor(ClientConnection connection, ConnectionServices services)
    : ConnectionActor(connection, services)
{
    protected override void OnFrame(ReadOnlySpan<byte> frame)
    {
        while (RequestParser.TryReadLine(ref frame, out var line) && Connection.Outbox.Closing is null)
        {
            var parsed = Services.Parser.Parse(line);
            if (parsed.Fatal)
            {
                Connection.Outbox.Close(CloseReason.BadRequest, parsed.Error?.Message ?? CloseReason.BadRequest.Text());
            }
            else if (Identity is null && !parsed.IsHello)
            {
                Connection.Outbox.Close(CloseReason.Unauthorized, "say hello first");
            }
            else if (IsWithinRate(parsed.Id, parsed.Request is SendRequest))
            {
                if (parsed.Error is { } error)
                {
                    Connection.SendError(parsed.Id, error);
                }
                else
                {
                    Handle(parsed.Request!);
                }
            }
        }
    }

    private void Handle(ClientRequest request)
    {
        switch (request)
        {
            case SendRequest send:
                Send(send);
                break;
            case TypingRequest typing:
                Type(typing);
                break;
            case JoinRequest join:
                Join(join);
                break;
            case LeaveRequest leave:
                Leave(leave);
                break;
            case HistoryRequest history:
                History(history);
                break;
            case MembersRequest members:
                Members(members);
                break;
            case RoomsRequest rooms:
                ListRooms(rooms);
                break;
            case PingRequest:
                Connection.Outbox.Append(ServerMessages.Pong(request.Id));
                break;
            case HelloRequest hello:
                Hello(hello);
                break;
        }
    }

    private void Hello(HelloRequest hello)
    {
        if (Identity is not null)
        {
            Connection.SendError(hello.Id, new ProtocolError(ErrorCode.BadRequest, "\"hello\" was said already."));
            return;
        }

        if (hello.Name is not { } name)
        {
            Connection.SendError(hello.Id, new ProtocolError(ErrorCode.BadName, "\"name\" is required for guests."));
            return;
        }

        var guest = Services.Sessions.Restore(hello.Session);
        Identity = new Member(guest.User, name);
        Connection.Outbox.Append(ServerMessages.Welcome(
            hello.Id,
            name,
            guest.Session,
            Services.NodeName,
            (int)Services.Options.PingInterval.TotalMilliseconds,
            Services.Protocol.MaxTextBytes));
    }
}
