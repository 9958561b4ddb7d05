using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Messages;
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
/// <para>
/// A room that moves is <em>handed over</em>. Its owner begins no append any more, waits for the one under way, tells what it
/// knows to all nodes that own rooms, and stops: it never commits again. For the next owner that is a cache. It is used only if the journal opens the
/// room with the same log and head, under an epoch that fences whatever the former owner may do against its word; what
/// is late, wrong or missing is not missed. Only a memory room, which has no journal, takes it for the truth.
/// </para>
/// </remarks>
internal sealed partial class RoomActor : UntypedActor, IWithTimers
{
    private const string IdleTimer = "idle";
    private static readonly ProtocolError Unavailable =
        new(ErrorCode.Unavailable, "The room's journal cannot be reached right now.", RetryMs: 500);

    private static readonly ProtocolError Busy = new(ErrorCode.Busy, "The room has too much to do right now.", RetryMs: 200);
    private static readonly ProtocolError Full = new(ErrorCode.Busy, "The server has too many rooms right now.", RetryMs: 5000);

    private readonly ActiveRoom _self;
    private readonly RoomDependencies _services;
    private readonly RoomLimits _limits;
    private readonly RoomSubscribers _subscribers = new();
    private readonly CancellationTokenSource _stopped = new();
    private RoomState? _state;
    private long _epoch;

    public RoomActor(string room, RoomDependencies services)
    {
        _self = new ActiveRoom(room, Self);
        _services = services;
        _limits = RoomLimits.For(services.Options, services.IsMemory);
        _presencePace = new Pace(services.Options.PresencePerSecond, services.Options.PresenceBurst);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private RoomOptions Options => _services.Options;

    private TimeProvider Clock => _services.Clock;

    protected override void PreStart()
    {
        _services.Active.Add(_self);
        StartIdleTimer();
    }

    protected override void OnReceive(object message)
    {
        if (message is TurnEnded)
        {
            EndTurn();
            return;
        }

        switch (message)
        {
            case Writes writes:
                Begin();
                foreach (var write in writes.All)
                {
                    Receive(write);
                }

                break;
            case ToRoom request:
                Begin();
                Receive(request);
                break;
            case Outcome outcome when outcome.Asker == this:
                OnReceive(outcome.Message);
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
            case NamesDue:
                // They are told at the end of the turn.
                break;
            case GatewayGone gone:
                _stash.RemoveAll(r => r.Gateway == gone.Gateway);
                GiveUpOn(gone.Gateway);
                if (_subscribers.Find(gone.Gateway) is { } subscriber)
                {
                    EndStream(subscriber.Gateway, subscriber.Stream);
                }

                break;
            case GatewaysLate:
                foreach (var gateway in _awaited.All)
                {
                    GiveUpOn(gateway);
                }

                break;
            case IdleTimeout:
                TryPassivate();
                break;
            case RoomKept kept:
                OnKept(kept.Request);
                break;
            case KeepersLate:
                OnKeepersLate();
                break;
            case StopRoom stop:
                // What is in flight is still this activation's to answer; what waits is sent again, to the next one.
                _stops = true;
                _rests = stop.Rests;
                break;
        }
    }

    private void EndTurn()
    {
        if (_stops && _inFlight is null)
        {
            GiveUpRoom();
        }

        if (_stops)
        {
            return;
        }

        SubmitWaiting();
        FlushPresence();
        if (_state is { } state)
        {
            _self.Head = state.Head;
        }
    }

    protected override void PostStop()
    {
        _services.Active.Remove(_self);
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
                _services.Links.Tell(request.Gateway, new StreamEnded(_self.Name, request.Stream), Self);
            }

            return;
        }

        switch (request)
        {
            case Write write:
                OnWrite(subscriber, write);
                break;
            case Enter or Leave when _stash.Any(r => r is Enter or Leave && r.Gateway == request.Gateway):
                // Who came and went on one gateway is told in that order: a member that gave up a join and came again, or came
                // by another connection, would else be taken out by what was said before.
                Stash(request);
                break;
            case Enter enter:
                OnEnter(subscriber, enter, headIsVerified: false);
                break;
            case ReadEvents read:
                OnRead(subscriber, read);
                break;
            case ListMembers list:
                FlushPresence();
                var (names, more) = _presence.List(list.After, list.Limit);
                Reply(subscriber, new MemberPage(_self.Name, list.Stream, list.Request, _presence.ToldCount, names, more));
                break;
            case Typing typing:
                OnTyping(typing);
                break;
            case Leave leave:
                Leaves(subscriber, leave);
                break;
        }
    }

    private void OnTyping(Typing typing) => Broadcast(s => new TypingNoticed(_self.Name, s.Stream, typing.Name, typing.User));

    private void OnSubscribe(Subscribe subscribe, RoomState state)
    {
        if (IsStale(subscribe.Epoch))
        {
            _continues = null;
            Stash(subscribe);
            Open();
            return;
        }

        if (_services.Gone.Contains(subscribe.Gateway) || _subscribers.Open(subscribe.Gateway, subscribe.Stream) is not { } subscriber)
        {
            return;
        }

        Timers.Cancel(IdleTimer);
        ForgetWaiting(subscribe.Gateway);
        GoBeyond(subscribe.Epoch);
        SetMembers(subscribe.Gateway, subscribe.Members);
        Reply(subscriber, new Subscribed(_self.Name, subscriber.Stream, state.Log, _epoch, state.Head));
        Arrived(subscriber);
        ShowActivation();
    }

    /// <summary>
    /// A gateway has heard of a later activation, and would believe no word of this one: it takes a higher number. If it
    /// has no right to, the journal says so. The gateway asks again.
    /// </summary>
    private void GoBeyond(long epoch)
    {
        if (epoch <= _epoch)
        {
            return;
        }

        if (_services.Volatile is { } memory)
        {
            _epoch = memory.NextEpoch(0, epoch);
        }
        else
        {
            Open();
        }
    }

    private void EndStream(string gateway, long stream)
    {
        if (_subscribers.Close(gateway, stream))
        {
            ForgetWaiting(gateway);
            SetMembers(gateway, []);
            ShowActivation();
            if (_subscribers.Count == 0)
            {
                StartIdleTimer();
            }
        }
    }

    private void StartIdleTimer()
    {
        // A memory room would begin its log anew; one that could not be opened, its pauses between attempts.
        var goesSoon = !_services.IsMemory && _state is { Head: 0 } && Options.EmptyIdleAfter < Options.IdleAfter;
        Timers.StartSingleTimer(IdleTimer, IdleTimeout.Instance, goesSoon ? Options.EmptyIdleAfter : Options.IdleAfter);
    }

    private void TryPassivate()
    {
        if (_subscribers.Count > 0)
        {
            return;
        }

        if (_inFlight is not null || _waiting.Count > 0 || _opening || _stash.Count > 0 || _awaited.Count > 0)
        {
            StartIdleTimer();
            return;
        }

        Rest();
    }

    private void ShowActivation()
        => _self.Activation = _state is null ? null : new ActivationInfo(_state.Log, _epoch, _subscribers.Gateways, _awaited.All);

    private void Publish(IReadOnlyList<StoredEvent> events, params MessageTrace[] traces)
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

        var sent = HandOn(traces);
        foreach (var subscriber in _subscribers.All)
        {
            Reply(subscriber, new EventsCommitted(_self.Name, subscriber.Stream, events[0].Seq, lines) { Traces = sent });
        }
    }

    private MessageTrace[] HandOn(MessageTrace[] traces)
    {
        // Where this node traces nothing, the time of sending stays that of the hop before.
        return traces.Length > 0 && _services.Traces is { } own ? Array.ConvertAll(traces, own.HandOn) : traces;
    }

    private void Broadcast(Func<RoomSubscriber, FromRoom> message)
    {
        foreach (var subscriber in _subscribers.All)
        {
            Reply(subscriber, message(subscriber));
        }
    }

    private void Reply(RoomSubscriber subscriber, FromRoom message) => _services.Links.Tell(subscriber.Gateway, message, Self);
}
