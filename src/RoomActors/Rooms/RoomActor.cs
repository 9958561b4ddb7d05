using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// One room on its owner: takes the epoch, decides writes, has them committed, then acks and broadcasts.
/// </summary>
/// <remarks>
/// <para>
/// Only committed events are read, acked or broadcast. There is at most one append under way; writes that come
/// meanwhile wait undecided, so nothing speculative has to be undone: when an append does not commit, its
/// writes go back to the front of the queue and are decided again.
/// </para>
/// <para>
/// After <em>fenced</em> or <em>unknown</em> the room is opened again. The new epoch fences the attempt that
/// may still be in flight, and the tail shows what it had committed: that is published, and its writes are
/// found by their ids. Meanwhile reads go on from what is known to be committed.
/// </para>
/// </remarks>
internal sealed partial class RoomActor : Actor<IRoomMessage>
{
    private const string ReopenTimer = "reopen";
    private const string IdleTimer = "idle";
    private const string PresenceTimer = "presence";
    private static readonly ProtocolError Unavailable =
        new(ErrorCode.Unavailable, "The room's journal cannot be reached right now.", RetryMs: 500);

    private static readonly ProtocolError Busy = new(ErrorCode.Busy, "The room has too much to do right now.", RetryMs: 200);

    private readonly ActiveRoom _self;
    private readonly RoomDependencies _services;
    private readonly RoomLimits _limits;
    private readonly RoomSubscribers _subscribers = new();
    private readonly RoomPresence _presence = new();
    private readonly List<ToRoom> _stash = [];
    private readonly CancellationTokenSource _stopped = new();
    private RoomState? _state;
    private long _epoch;
    private bool _opening;
    private int _failedOpens;
    private bool _presenceTimerRuns;
    private bool _countChanged;
    private bool _movedAway;

    public RoomActor(ActiveRoom self, RoomDependencies services)
    {
        _self = self;
        _services = services;
        _limits = RoomLimits.For(services.Options, services.IsMemory);
    }

    private RoomOptions Options => _services.Options;

    protected override void OnStart()
    {
        StartIdleTimer();
        Open();
    }

    protected override void OnMessage(IRoomMessage message)
    {
        switch (message)
        {
            case ToRoom request:
                Receive(request);
                break;
            case AppendDone done:
                OnAppendDone(done);
                break;
            case ReadDone done:
                OnReadDone(done);
                break;
            case RoomOpened opened:
                OnOpened(opened);
                break;
            case Reopen:
                Open();
                break;
            case PresenceDue:
                _presenceTimerRuns = false;
                break;
            case GatewayGone gone:
                if (_subscribers.Find(gone.Gateway) is { } subscriber)
                {
                    EndStream(subscriber.Gateway, subscriber.Stream);
                }

                break;
            case IdleTimeout:
                TryPassivate();
                break;
            case MovedAway:
                // What is in flight is still this owner's to answer; what waits is sent again, to the next one.
                _movedAway = true;
                break;
        }
    }

    protected override void OnTurnEnd()
    {
        if (_movedAway && _inFlight is null)
        {
            RefuseStash(Unavailable);
            Context.Stop();
            return;
        }

        SubmitWaiting();
        FlushPresence();
        if (_state is { } state)
        {
            _self.Head = state.Head;
        }
    }

    protected override void OnStop()
    {
        foreach (var subscriber in _subscribers.All)
        {
            Reply(subscriber, new StreamEnded(_self.Name, subscriber.Stream));
        }

        _subscribers.Clear();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void Receive(ToRoom request)
    {
        if (_state is null)
        {
            Stash(request);
            return;
        }

        switch (request)
        {
            case Subscribe subscribe:
                OnSubscribe(subscribe, _state);
                return;
            case Unsubscribe unsubscribe:
                EndStream(unsubscribe.Gateway, unsubscribe.Stream);
                return;
        }

        if (!_subscribers.TryFind(request, out var subscriber))
        {
            if (!(_subscribers.Find(request.Gateway)?.Stream > request.Stream))
            {
                _services.Links.Tell(request.Gateway, new StreamEnded(_self.Name, request.Stream));
            }

            return;
        }

        switch (request)
        {
            case Write write:
                OnWrite(subscriber, write);
                break;
            case Enter enter:
                OnEnter(subscriber, enter, headIsVerified: false);
                break;
            case ReadEvents read:
                OnRead(subscriber, read);
                break;
            case ListMembers list:
                // As in a page: what the list knows of must not come after it, or cancel out with what comes.
                FlushPresence();
                var (names, more) = _presence.List(list.After, list.Limit);
                Reply(subscriber, new MemberPage(_self.Name, list.Stream, list.Request, _presence.Count, names, more));
                break;
            case Typing typing:
                Broadcast(s => new TypingNoticed(_self.Name, s.Stream, typing.Name));
                break;
            case Leave leave:
                _presence.Remove(leave.Gateway, leave.Member);
                break;
        }
    }

    private void OnSubscribe(Subscribe subscribe, RoomState state)
    {
        if (_subscribers.Open(subscribe.Gateway, subscribe.Stream) is not { } subscriber)
        {
            return;
        }

        Context.CancelTimer(IdleTimer);
        ForgetWaiting(subscribe.Gateway);
        _presence.Replace(subscribe.Gateway, subscribe.Members);
        Reply(subscriber, new Subscribed(_self.Name, subscriber.Stream, state.Log, _epoch, state.Head));
        ShowActivation();
    }

    private void EndStream(string gateway, long stream)
    {
        if (_subscribers.Close(gateway, stream))
        {
            ForgetWaiting(gateway);
            _presence.Replace(gateway, []);
            ShowActivation();
            if (_subscribers.Count == 0)
            {
                StartIdleTimer();
            }
        }
    }

    private void StartIdleTimer() => Context.StartTimer(IdleTimer, IdleTimeout.Instance, Options.IdleAfter);

    private void TryPassivate()
    {
        if (_subscribers.Count > 0)
        {
            return;
        }

        if (_inFlight is not null || _waiting.Count > 0 || _opening || _stash.Count > 0 || !Context.TryPassivate())
        {
            StartIdleTimer();
        }
    }

    private void Stash(ToRoom request)
    {
        if (_stash.Count < Options.MaxStashed)
        {
            _stash.Add(request);
        }
        else
        {
            RefuseUnopened(request, Busy);
        }
    }

    private void Open()
    {
        if (_opening)
        {
            return;
        }

        if (_services.View(_self.Name) is not { } view)
        {
            // The next owner has begun, and this one would fence it.
            _movedAway = true;
            return;
        }

        _opening = true;
        Context.CancelTimer(ReopenTimer);
        Context.Pipe(
            _services.Journal.OpenAsync(_self.Name, view, _limits.TailEvents, _stopped.Token),
            room => new RoomOpened(room, null),
            error => new RoomOpened(null, error));
    }

    private void OnOpened(RoomOpened opened)
    {
        _opening = false;
        if (opened.Error is { } error)
        {
            _failedOpens++;
            _services.Logger.OpenFailed(_self.Name, _failedOpens, error.Message);
            GiveBackWaiting(Unavailable);
            RefuseStash(Unavailable);
            var pause = Options.ReopenAfter * (1 << Math.Min(_failedOpens - 1, 4));
            Context.StartTimer(ReopenTimer, Reopen.Instance, pause);
            return;
        }

        if (opened.Room is null)
        {
            // A node with a newer view owns the room; who asks will find it there.
            RefuseStash(Unavailable);
            Context.Stop();
            return;
        }

        _failedOpens = 0;
        SettleInFlight();

        var old = _state;
        _epoch = opened.Room.Epoch;
        _state = new RoomState(_self.Name, opened.Room, _limits);
        if (old is not null && old.Log == _state.Log)
        {
            Publish([.. _state.Tail.Where(e => e.Seq > old.Head)]);
        }
        else if (old is not null)
        {
            EndAllStreams();
        }

        ShowActivation();
        var stashed = _stash.ToArray();
        _stash.Clear();
        foreach (var request in stashed)
        {
            if (request is Enter enter && _subscribers.TryFind(enter, out var subscriber))
            {
                OnEnter(subscriber, enter, headIsVerified: true);
            }
            else
            {
                Receive(request);
            }
        }
    }

    private void RefuseStash(ProtocolError error)
    {
        foreach (var request in _stash)
        {
            RefuseUnopened(request, error);
        }

        _stash.Clear();
    }

    private void RefuseUnopened(ToRoom request, ProtocolError error)
    {
        FromRoom? answer = request switch
        {
            Subscribe => new StreamEnded(_self.Name, request.Stream),
            Enter enter => new Refused(_self.Name, request.Stream, enter.Request, error),
            ReadEvents read => new Refused(_self.Name, request.Stream, read.Request, error),
            ListMembers list => new Refused(_self.Name, request.Stream, list.Request, error),
            Write write => new WritesDone(_self.Name, request.Stream, [new WriteDone(write.Number, 0, 0, false, error)]),
            _ => null,
        };
        if (answer is not null)
        {
            _services.Links.Tell(request.Gateway, answer);
        }
    }

    private void EndAllStreams()
    {
        foreach (var subscriber in _subscribers.All.ToList())
        {
            Reply(subscriber, new StreamEnded(_self.Name, subscriber.Stream));
            EndStream(subscriber.Gateway, subscriber.Stream);
        }
    }

    private void ShowActivation()
        => _self.Activation = _state is null ? null : new ActivationInfo(_state.Log, _epoch, _subscribers.Gateways);

    private void FlushPresence()
    {
        if (_presence.HasChanges)
        {
            var (joined, left) = _presence.TakeChanges();
            _self.Count = _presence.Count;
            if (_presence.Count <= Options.NamedPresence)
            {
                _countChanged = false;
                Broadcast(s => new PresenceChanged(_self.Name, s.Stream, joined, left, _presence.Count));
                return;
            }

            _countChanged = true;
        }

        if (_countChanged && !_presenceTimerRuns)
        {
            _countChanged = false;
            _presenceTimerRuns = true;
            Context.StartTimer(PresenceTimer, PresenceDue.Instance, TimeSpan.FromSeconds(1));
            Broadcast(s => new PresenceChanged(_self.Name, s.Stream, null, null, _presence.Count));
        }
    }

    private void Publish(IReadOnlyList<StoredEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var lines = new ReadOnlyMemory<byte>[events.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = events[i].Line;
        }

        Broadcast(s => new EventsCommitted(_self.Name, s.Stream, events[0].Seq, lines));
    }

    private void Broadcast(Func<RoomSubscriber, FromRoom> message)
    {
        foreach (var subscriber in _subscribers.All)
        {
            Reply(subscriber, message(subscriber));
        }
    }

    private void Reply(RoomSubscriber subscriber, FromRoom message) => _services.Links.Tell(subscriber.Gateway, message);
}
