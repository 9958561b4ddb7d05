using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// A gateway's one subscription to one room, for all of its clients there. It turns the at-most-once messages
/// of the cluster into what clients are promised.
/// </summary>
/// <remarks>
/// <para>
/// <b>Down.</b> It holds a position (log, seq). An event goes out only as the successor of the one before it;
/// where one is missing, it is fetched before anything later goes out. A repeated head shows a hole at the end.
/// When the log has changed, or what is missing is gone, the clients are told <c>reset</c>.
/// </para>
/// <para>
/// <b>Up.</b> Unanswered writes are kept, and sent again in order, the oldest first, whenever the owner gives
/// one back or the stream is opened anew; the room tells repeats by their <c>mid</c>.
/// </para>
/// <para>
/// <b>In doubt, a new stream.</b> Silence of the owner, or its word that it does not know the stream, leads to
/// a new one: the members are told again, open requests and unanswered writes are sent again. All of them may
/// be repeated, so too many streams cost time and nothing else.
/// </para>
/// </remarks>
internal sealed partial class SubscriptionActor(SubscriptionEntry self, SubscriptionServices services) : UntypedActor, IWithTimers
{
    private const string IdleTimer = "idle";

    // How soon what was given back is tried again.
    private static readonly TimeSpan TickInterval = WaitingSubscriptions.Interval;
    private static readonly ProtocolError Unavailable =
        new(ErrorCode.Unavailable, "The room cannot be reached right now.", RetryMs: 500);

    private long _stream;
    private long _openedAt;
    private bool _subscribed;
    private int _unanswered;
    private int _silences;
    private long _reopenAt = long.MaxValue;
    private bool _streamIsOver;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private string Room => self.Room;

    private long Now => (long)services.Clock.GetElapsedTime(0).TotalMilliseconds;

    private long SilenceMs => (long)services.Options.SilenceTimeout.TotalMilliseconds;

    // What opens a stream may get lost where a room has no place for a moment: asked again at once, and then less and less often. An owner that
    // says it is there and owes answers may have too much to do, and gets all that waits once more with each stream: after twice the time, and four times.
    private long PatienceMs => _subscribed
        ? SilenceMs << Math.Min(_silences, 2)
        : Math.Min(SilenceMs, (long)TickInterval.TotalMilliseconds << Math.Min(_unanswered - 1, 10));

    protected override void PreStart()
    {
        self.Position = -1;
        StartIdleTimer();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FromRoom fromRoom:
                Receive(fromRoom);
                break;
            case RoomCall call:
                self.Taken();
                Receive(call);
                break;
            case HeadRepeated repeated:
                OnHead(repeated.Head);
                break;
            case ClientReady ready:
                OnClientReady(ready.Join);
                break;
            case OwnerMoved when _stream != 0:
                OpenStream();
                break;
            case SubscriptionTick:
                Tick();
                break;
            case BroadcastDue:
                OnBroadcastDue();
                break;
            case CensusDue:
                AskWhoIsThere();
                break;
            case SubscriptionIdle:
                OnIdle();
                break;
            case TurnEnded:
                SendWaitingAsks();
                SendGatheredWrites();
                ShowState();
                break;
        }
    }

    private void ShowState()
    {
        if (_writes.Count == 0 && _asks.Count == 0 && _leaves.Count == 0)
        {
            _silences = 0;
        }

        self.Unacked = _writes.Count;
        self.Clients = _seats.Count;
        self.ToldCount = _live.Count > 0 ? _toldCount : NobodyTold;
        self.IsWaiting = _asks.Count > 0 || _leaves.Count > 0 || _writes.Count > 0 || _reopenAt != long.MaxValue || (_seats.Count > 0 && !_subscribed);
        if (self.IsWaiting)
        {
            services.Waiting.Add(self);
        }
    }

    protected override void PostStop()
    {
        self.Close();
        if (self.TryUncount())
        {
            services.Budget.Remove(self.Origin);
        }

        _broadcastTimer?.Dispose();

        // A failure: the clients join again, and send again what was not acked.
        ResetAll();
        foreach (var write in _writes.All.ToList())
        {
            Answer(write.Number, 0, 0, false, Unavailable);
        }

        foreach (var ask in _asks.Values.Concat(_waitingAsks.RemoveAll(_ => true)).ToList())
        {
            OnAskRefused(ask, Unavailable);
        }

        _asks.Clear();
        if (_stream != 0)
        {
            Tell(new Unsubscribe(Room, services.Cluster.Self, _stream));
        }

        self.Unacked = 0;
        self.Clients = 0;
        self.IsWaiting = false;
    }

    private void Receive(FromRoom message)
    {
        // What comes on a stream whose opening got lost, or whose owner is not believed, may be of another log. What
        // was asked for is asked again on the next stream.
        if (message.Stream != _stream || (!_subscribed && message is not (Subscribed or StreamEnded or WritesDone or Refused)))
        {
            return;
        }

        switch (message)
        {
            case EventsCommitted events:
                OnEvents(events);
                break;
            case WritesDone done:
                OnWritesDone(done);
                break;
            case EventPage page when _asks.Remove(page.Request, out var ask):
                _answeredAt = Now;
                OnPage(ask, page);
                break;
            case MemberPage page when _asks.Remove(page.Request, out var ask):
                _answeredAt = Now;
                OnMemberPage(ask, page);
                break;
            case Left left:
                _leaves.Remove(left.Request);
                break;
            case Refused refused when _asks.Remove(refused.Request, out var ask):
                _answeredAt = Now;
                OnAskRefused(ask, refused.Error);
                break;
            case Subscribed subscribed:
                OnSubscribed(subscribed);
                break;
            case StreamEnded { Full: true }:
                OnOwnerFull();
                break;
            case StreamEnded when IsIdle:
                // Nobody needs the room now: it is not to be woken for that.
                (_stream, _subscribed) = (0, false);
                _leaves.Clear();
                break;
            case StreamEnded:
                _subscribed = false;
                _streamIsOver = true;
                _leaves.Clear();
                _reopenAt = Math.Max(Now, _openedAt + (long)TickInterval.TotalMilliseconds);
                if (_reopenAt == Now)
                {
                    OpenStream();
                }

                break;
            case PresenceChanged presence:
                OnPresence(presence);
                break;
            case TypingNoticed typing:
                Broadcast();
                foreach (var seat in _live)
                {
                    seat.Client.OnTyping(Room, typing.Name, typing.User);
                }

                break;
        }
    }

    /// <summary>Opens a stream if none is open or being opened.</summary>
    private void NeedStream()
    {
        if (_stream == 0)
        {
            OpenStream();
        }
    }

    private void OpenStream()
    {
        _stream = services.NextStream();
        _openedAt = Now;
        _unanswered++;
        _reopenAt = long.MaxValue;
        _streamIsOver = false;
        _subscribed = false;
        _resendAt = long.MaxValue;

        // The opening says who is there; to say of an earlier moment who was not any more would take out who has come again.
        _leaves.Clear();

        // Those of the stream before. They are sent again with all the others.
        ForgetGatheredWrites();
        Tell(new Subscribe(Room, services.Cluster.Self, _stream, Members, _epoch));
        foreach (var ask in _asks.Values)
        {
            SendAsk(ask);
        }

        SendAllWrites();
    }

    private void Tick()
    {
        var now = Now;
        ExpireWrites(now);
        ExpireWaitingAsks(now);
        foreach (var (request, ask) in _asks.Where(a => now - a.Value.Since > services.Options.RequestTimeout.TotalMilliseconds).ToList())
        {
            _asks.Remove(request);
            OnAskRefused(ask, Unavailable);
        }

        if (_streamIsOver && IsIdle)
        {
            // What needed it was refused meanwhile, or has left.
            (_stream, _reopenAt, _streamIsOver) = (0, long.MaxValue, false);
            return;
        }

        var isSilent = _reopenAt == long.MaxValue && _stream != 0 && now - Math.Max(_openedAt, OldestWait(now)) > PatienceMs;
        if (now >= _reopenAt || isSilent)
        {
            _silences += isSilent && _subscribed ? 1 : 0;
            OpenStream();
            return;
        }

        if (now >= _resendAt)
        {
            _resendAt = long.MaxValue;
            SendAllWrites();
        }
    }

    /// <summary>Since when the owner owes an answer: an owner that is asked nothing may be silent.</summary>
    private long OldestWait(long now)
    {
        var oldest = _subscribed ? now : _openedAt;
        foreach (var ask in _asks.Values)
        {
            // An owner that answers others of them is not silent, only busy: to ask it all again would make it busier.
            oldest = Math.Min(oldest, Math.Max(ask.SentAt, _answeredAt));
        }

        foreach (var since in _leaves.Values)
        {
            oldest = Math.Min(oldest, since);
        }

        return Math.Min(oldest, _writes.Oldest?.Since ?? now);
    }

    private bool IsIdle => _seats.Count == 0 && _writes.Count == 0 && _asks.Count == 0;

    private void StartIdleTimer()
    {
        var (idle, emptyIdle) = (services.Options.SubscriptionIdle, services.Options.EmptySubscriptionIdle);
        Timers.StartSingleTimer(IdleTimer, SubscriptionIdle.Instance, _position > 0 || idle < emptyIdle ? idle : emptyIdle);
    }

    private void OnIdle()
    {
        if (_seats.Count > 0)
        {
            return;
        }

        if (_writes.Count > 0 || _asks.Count > 0 || _leaves.Count > 0 || !self.TryClose())
        {
            StartIdleTimer();
            return;
        }

        Context.Stop(Self);
    }
}
