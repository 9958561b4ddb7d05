using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// One client: who it is, what it may do, which rooms it is in. It reads what the client sends and passes it
/// on; what comes back goes to the outbox directly.
/// </summary>
internal abstract class ConnectionActor(ClientConnection connection, ConnectionServices services) : UntypedActor
{
    private readonly Dictionary<string, JoinRoom> _rooms = new(StringComparer.Ordinal);
    private CancellationTokenSource? _stopped;
    private Dictionary<string, long>? _typedAt;
    private TokenBucket _sends = new(services.Options.SendsPerSecond, services.Options.SendBurst);
    private TokenBucket _requests = new(services.Options.RequestsPerSecond, services.Options.RequestBurst);
    private TokenBucket _refusals = new(services.Options.RefusalsPerSecond, services.Options.RefusalBurst);

    protected ClientConnection Connection => connection;

    protected ConnectionServices Services => services;

    /// <summary>Who the client is; null before it said so.</summary>
    protected Member? Identity { get; set; }

    /// <summary>The rooms that it is in or entering.</summary>
    protected IReadOnlyDictionary<string, JoinRoom> Rooms => _rooms;

    /// <summary>Whether the client has to say who it is before anything else.</summary>
    protected virtual bool MustSayHello => true;

    protected long Now => (long)services.Clock.GetElapsedTime(0).TotalMilliseconds;

    // Here, since the turn may begin before who spawned the actor has its reference.
    protected override void PreStart() => connection.Actor = Self;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FramesReceived frames:
                try
                {
                    foreach (var frame in frames.Messages)
                    {
                        if (connection.Outbox.Closing is null && !services.Drain.ReadingStopped)
                        {
                            OnFrame(frame.Span);
                        }
                    }
                }
                finally
                {
                    connection.Handled();
                }

                break;
            case JoinEnded ended:
                if (_rooms.TryGetValue(ended.Join.Room, out var join) && ReferenceEquals(join, ended.Join))
                {
                    _rooms.Remove(ended.Join.Room);
                    OnJoinEnded(ended);
                }

                break;
            case RoomsListed listed:
                OnRoomsListed(listed);
                break;
            case RoomsAsked asked:
                asked.Reply(_rooms.Keys);
                break;
            case Outcome outcome when outcome.Asker == this:
                OnReceive(outcome.Message);
                break;
            case ConnectionOver:
                Context.Stop(Self);
                break;
            case Swept:
                if (MustSayHello && Identity is null && services.Clock.GetElapsedTime(connection.OpenedAt) > services.Options.HelloTimeout)
                {
                    connection.Outbox.Close(CloseReason.Unauthorized, "no hello in time");
                }

                break;
        }
    }

    protected override void PostStop()
    {
        // While the gateway leaves, who closes does so to go to another one.
        var mayReturn = connection.MayReturn || services.Drain.HasBegun;
        foreach (var join in _rooms.Values)
        {
            services.Rooms.Release(join, mayReturn);
        }

        _rooms.Clear();
        connection.ActorStopped();
        _stopped?.Cancel();
        _stopped?.Dispose();
    }

    protected abstract void OnFrame(ReadOnlySpan<byte> frame);

    protected virtual void OnJoinEnded(JoinEnded ended)
    {
    }

    protected void Join(JoinRequest request)
    {
        if (!_rooms.ContainsKey(request.Room) && _rooms.Count >= services.Options.MaxRooms)
        {
            connection.SendError(request.Id, new ProtocolError(
                ErrorCode.RoomLimit, $"A connection can be in {services.Options.MaxRooms} rooms at once."));
            return;
        }

        var join = new JoinRoom(connection, request.Id, request.Room, Identity, request.Since, request.Limit);
        var old = _rooms.GetValueOrDefault(request.Room);
        _rooms[request.Room] = join;
        if (!services.Rooms.Tell(join) && old is not null)
        {
            // The client is told that it is not in the room, so it must not be.
            services.Rooms.Release(old, mayReturn: true);
        }
    }

    protected void Leave(LeaveRequest request)
    {
        if (IsIn(request.Id, request.Room) && services.Rooms.Tell(new LeaveRoom(connection, request.Id, request.Room, Silent: false)))
        {
            _rooms.Remove(request.Room);
            _typedAt?.Remove(request.Room);
        }
    }

    protected void Send(SendRequest request)
    {
        if (!IsIn(request.Id, request.Room))
        {
            return;
        }

        connection.WriteBegun();
        services.Rooms.Tell(new WriteRoom(
            connection, request.Id, request.Room, Identity!, Visitor: false, request.Mid,
            new MessageContent(request.Text, request.Reply, request.Data)));
    }

    protected void History(HistoryRequest request)
    {
        if (IsIn(request.Id, request.Room) && MayRead(request.Id))
        {
            services.Rooms.Tell(new ReadHistory(
                connection, request.Id, request.Room, Visitor: false, After: 0, request.Before, request.Limit));
        }
    }

    protected void Members(MembersRequest request)
    {
        if (IsIn(request.Id, request.Room))
        {
            services.Rooms.Tell(new ReadMembers(connection, request.Id, request.Room, Visitor: false, request.After, request.Limit));
        }
    }

    /// <summary>At most one a second goes on; the client that sends more has said nothing new.</summary>
    protected void Type(TypingRequest request)
    {
        var now = Now;

        // Never answered, not even where the client has just lost the room.
        if (_rooms.ContainsKey(request.Room) && now - (_typedAt ??= new(StringComparer.Ordinal)).GetValueOrDefault(request.Room, long.MinValue / 2) >= 1000)
        {
            _typedAt[request.Room] = now;
            services.Rooms.Tell(new TypeInRoom(connection, request.Room, Identity!));
        }
    }

    protected void ListRooms(RoomsRequest request)
    {
        var (permit, error) = services.Limits.Reads.Begin(connection.Address);
        if (permit is null)
        {
            connection.SendError(request.Id, error!);
            return;
        }

        this.Pipe(
            Self,
            () => ListAsync(request, permit, (_stopped ??= new()).Token),
            listing => new RoomsListed(request.Id, listing),
            _ => new RoomsListed(request.Id, null));
    }

    /// <summary>Whether the client's address may have another page now; where not, the client hears so.</summary>
    protected bool MayRead(long? id)
    {
        if (services.Limits.Reads.Check(connection.Address) is not { } error)
        {
            return true;
        }

        connection.SendError(id, error);
        return false;
    }

    /// <summary>Whether the client keeps to its rate; where not, it hears so, and is closed if it goes on.</summary>
    protected bool IsWithinRate(long? id, bool isSend)
    {
        ref var bucket = ref isSend ? ref _sends : ref _requests;
        var now = Now;
        var retryMs = !bucket.TryTake(now) ? bucket.RetryMs : isSend ? connection.Allowance?.Send(now) ?? 0 : 0;
        if (retryMs == 0)
        {
            return true;
        }

        if (_refusals.TryTake(now))
        {
            connection.SendError(id, new ProtocolError(
                ErrorCode.RateLimited, isSend ? "You send too fast." : "You ask too much.", retryMs));
        }
        else
        {
            connection.Outbox.Close(CloseReason.Rate, "far over the rate limit");
        }

        return false;
    }

    private async ValueTask<RoomListing> ListAsync(RoomsRequest request, ReadPermit permit, CancellationToken cancellationToken)
    {
        using (permit)
        {
            return await services.Cluster.ListRoomsAsync(request.Prefix, request.After, request.Limit, cancellationToken);
        }
    }

    private bool IsIn(long? id, string room)
    {
        if (_rooms.ContainsKey(room))
        {
            return true;
        }

        connection.SendError(id, new ProtocolError(ErrorCode.NotJoined, "Join the room first."));
        return false;
    }

    private void OnRoomsListed(RoomsListed listed)
    {
        if (listed.Listing is { } listing)
        {
            connection.Outbox.Append(ServerMessages.Rooms(
                listed.Id, [.. listing.Rooms.Where(r => connection.Who?.Rooms.Allows(r.Room) != false).Select(r => new RoomSummary(r.Room, r.Count, r.Seq))], listing.More));
        }
        else
        {
            connection.SendError(listed.Id, new ProtocolError(ErrorCode.Unavailable, "The list cannot be read right now.", 1000));
        }
    }
}
