using ClusterChat.Actors;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>A client that speaks the JSON protocol: hello first, then requests, one a line.</summary>
internal sealed class JsonConnectionActor(ClientConnection connection, ConnectionServices services)
    : ConnectionActor(connection, services)
{
    private HelloInProgress? _hello;
    private TokenBucket _joins = new(services.Options.RequestsPerSecond > 0 ? services.Options.JoinsPerSecond : 0, services.Options.JoinBurst);

    protected override void OnReceive(object message)
    {
        if (message is Admitted admitted)
        {
            var early = _hello!.Rest;
            _hello = null;
            Welcome(admitted.Hello, admitted.Admission);
            if (!early.IsEmpty)
            {
                OnFrame(early);
            }
        }
        else
        {
            base.OnReceive(message);
        }
    }

    protected override void OnFrame(ReadOnlySpan<byte> frame)
    {
        var isBlank = true;
        while (_hello is null && RequestParser.TryReadLine(ref frame, out var line) && Connection.Outbox.Closing is null)
        {
            isBlank = false;
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

        if (isBlank && (_hello is null || frame.IsEmpty))
        {
            // It asks nothing, and costs as much as a request that does.
            IsWithinRate(null, isSend: false);
        }

        if (_hello?.TryAdd(frame) == false)
        {
            Connection.Outbox.Close(CloseReason.Unauthorized, "too much before the welcome");
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
            case JoinRequest join when Connection.Who!.Refuse(join.Room) is { } refusal:
                Connection.SendError(join.Id, refusal);
                break;
            case JoinRequest join when !_joins.TryTake(Now):
                Connection.SendError(join.Id, new ProtocolError(ErrorCode.RateLimited, "You join too often.", _joins.RetryMs));
                break;
            case JoinRequest join when MayRead(join.Id):
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

        var admission = Services.Authenticator.AdmitAsync(
            new Credentials(hello.Name, hello.Session, hello.Token ?? Connection.Token), CancellationToken.None);
        if (admission.IsCompletedSuccessfully)
        {
            Welcome(hello, admission.Result);
            return;
        }

        _hello = new HelloInProgress(Services.Protocol.MaxFrameBytes);
        this.Pipe(
            Self,
            () => admission,
            found => new Admitted(hello, found),
            _ => new Admitted(hello, new ProtocolError(ErrorCode.Unavailable, "Tokens cannot be checked right now.", 1000)));
    }

    private void Welcome(HelloRequest hello, Admission admission)
    {
        if (admission.Identity is not { } who)
        {
            Refuse(hello, admission.Error!);
            return;
        }

        if (Connection.Allowance?.TryIdentify(who.Member.User) == false)
        {
            Connection.Outbox.Close(CloseReason.ConnectionLimit, "too many connections of this user");
            return;
        }

        Connection.Who = who;
        Identity = who.Member;
        Connection.Outbox.Append(ServerMessages.Welcome(
            hello.Id,
            who.Member.Name,
            who.Member.User,
            who.Session,
            Services.NodeName,
            (int)Services.Options.PingInterval.TotalMilliseconds,
            Services.Protocol.MaxTextBytes));
    }

    private void Refuse(HelloRequest hello, ProtocolError error)
    {
        if (error.Code == ErrorCode.Unauthorized)
        {
            Connection.Outbox.Close(CloseReason.Unauthorized, error.Message);
        }
        else if (error.Code == ErrorCode.Banned)
        {
            Connection.Outbox.Close(CloseReason.Disconnected, error.Message);
        }
        else
        {
            Connection.SendError(hello.Id, error);
        }
    }
}
