using System.Collections.Concurrent;
using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// One client's connection as other threads see it: what comes in goes to its actor, what goes out to its
/// outbox, in the form that the client speaks.
/// </summary>
internal abstract class ClientConnection : IRoomClient, IClientInbound
{
    // Time to take the rest of a frame and the close, for one that reads; the room for it is needed.
    private static readonly TimeSpan GivenUpFor = TimeSpan.FromSeconds(1);

    private readonly IClientTransport _transport;
    private readonly TimeProvider _clock;
    private readonly FrameGate _gate;
    private ClientIdentity? _who;
    private IReadOnlyList<ReadOnlyMemory<byte>> _received = [];
    private readonly GatewayMetrics _metrics;
    private readonly ReadLimits _reads;

    // Joins that wait until their address may read on. Of their own, since calls about different rooms may overlap.
    private ConcurrentQueue<Action>? _waitingPages;
    private readonly AuditTrail? _audit;
    private TokenBucket _idle;
    private long _seenAt;
    private volatile bool _actorStopped;
    private volatile bool _tookLeave;
    private bool _pinged;
    private int _answered;

    protected ClientConnection(long id, IClientTransport transport, ConnectionServices services)
    {
        Id = id;
        _transport = transport;
        _clock = services.Clock;
        _metrics = services.Metrics;
        _reads = services.Limits.Reads;
        _audit = services.Audit;
        _gate = new FrameGate(services.Options.MaxUnacked);
        _idle = new TokenBucket(services.Options.RequestsPerSecond, services.Options.RequestBurst);
        _seenAt = OpenedAt = _clock.GetTimestamp();
        Outbox = new Outbox(transport, services.Lanes, _clock, services.Options.OutboxBytes, services.Output.Budget) { Broken = End };
    }

    /// <summary>Tells it from all others of this process.</summary>
    public long Id { get; }

    /// <summary>What waits for the client.</summary>
    public Outbox Outbox { get; }

    /// <summary>The actor. Set before the first message.</summary>
    public IActorRef Actor { get; set; } = null!;

    /// <summary>Whether nothing is handled any more.</summary>
    public bool IsOver => _actorStopped;

    /// <summary>Who the client is; null before it said so. Set once, by its actor.</summary>
    public ClientIdentity? Who
    {
        get => Volatile.Read(ref _who);
        set => Volatile.Write(ref _who, value);
    }

    /// <summary>What it takes of the limits of its address and its user; null where nobody counts.</summary>
    public ClientAllowance? Allowance { get; init; }

    /// <summary>Its address, as addresses are counted; empty where nobody counts.</summary>
    public string Address => Allowance?.Address ?? "";

    /// <inheritdoc/>
    public RoomOrigin? Origin => Allowance is { } taken ? new(taken.Address, Who?.Member.User) : null;

    /// <summary>
    /// Whether the client may come back as who it was: its line broke, or it goes elsewhere, or this gateway does. Not where it took its leave, or was told
    /// not to come back by itself (protocol, section 5).
    /// </summary>
    public bool MayReturn => Outbox.Closing switch
    {
        CloseReason.Normal or CloseReason.Unauthorized or CloseReason.BadRequest or CloseReason.Disconnected or CloseReason.ConnectionLimit => false,
        _ => !_tookLeave,
    };

    /// <summary>The token that came with the upgrade; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>A timestamp of the clock.</summary>
    public long OpenedAt { get; }

    /// <summary>Writes that wait for their ack.</summary>
    public int Unacked => _gate.Unacked;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var handled = _gate.Begin();
        _received = messages;

        // Whoever reads waits for this to be handled anyway: here, if it may be, with no other thread woken for it.
        ChainDispatcher.Execute(this, static connection => connection.HandOver());
        return handled;
    }

    /// <inheritdoc/>
    public bool Idled(int frames)
    {
        var now = (long)_clock.GetElapsedTime(0).TotalMilliseconds;
        for (; frames > 0; frames--)
        {
            if (!_idle.TryTake(now))
            {
                Outbox.Close(CloseReason.Rate, "far over the rate limit");
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Touch()
    {
        Volatile.Write(ref _seenAt, _clock.GetTimestamp());
        _pinged = false;
    }

    /// <inheritdoc/>
    public void Answered(int ping) => Volatile.Write(ref _answered, ping);

    /// <inheritdoc/>
    public int AskWhetherHeard() => Outbox.Ping();

    /// <inheritdoc/>
    public bool HasHeard(int asked) => Volatile.Read(ref _answered) - asked >= 0;

    /// <inheritdoc/>
    public void Violated(string reason) => Outbox.Close(CloseReason.BadRequest, reason);

    /// <inheritdoc/>
    public void GaveUp(string reason) => Outbox.Close(CloseReason.Slow, reason);

    /// <inheritdoc/>
    public void TookLeave() => _tookLeave = Outbox.Closing is null;

    /// <inheritdoc/>
    public void Ended() => End();

    /// <summary>The actor has handled the message that it was given.</summary>
    public void Handled() => _gate.Handled();

    /// <summary>The actor has stopped: no message will be handled any more.</summary>
    public void ActorStopped()
    {
        Outbox.Close(CloseReason.GoingAway, CloseReason.GoingAway.Text());
        _actorStopped = true;
        _gate.Release();
    }

    /// <summary>A write was handed in.</summary>
    public void WriteBegun() => _gate.WriteBegun();

    /// <summary>Looks at the clock: asks a silent client for a sign of life, gives up on one that gives none.</summary>
    public void Sweep(GatewayOptions options)
    {
        if (Outbox.Closing is not null)
        {
            if (Outbox.ClosingFor > (Outbox.IsGivenUp ? GivenUpFor : options.CloseTimeout))
            {
                // Also where the reading side waits for an ack, and so would not notice: its room may be waiting for
                // the client in turn.
                _transport.Abort();
                End();
            }

            return;
        }

        if (Who is { } who && who.Expires <= _clock.GetUtcNow())
        {
            Outbox.Close(CloseReason.Unauthorized, "the token has expired");
            return;
        }

        Outbox.Sweep(options.OutputTimeout);
        ReadOn();
        var silent = _clock.GetElapsedTime(Math.Max(Volatile.Read(ref _seenAt), Outbox.TookAt));
        if (silent > options.PingInterval * 2)
        {
            Outbox.Close(CloseReason.NoPong, CloseReason.NoPong.Text());
        }
        else if (silent > options.PingInterval && !_pinged)
        {
            _pinged = true;
            Outbox.Ping();
        }
        else if (Who is null)
        {
            Tell(Swept.Instance);
        }
    }

    /// <summary>Closes it where it is kept out.</summary>
    /// <returns>Whether it is.</returns>
    public bool EndIfKeptOut(KeptOut list)
    {
        if (list.WhyEnd(Allowance?.From, Who) is not { } reason)
        {
            return false;
        }

        Outbox.Close(CloseReason.Disconnected, reason);
        return true;
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _transport.Abort();

    /// <inheritdoc/>
    public abstract void OnEvents(RoomEvents events);

    /// <inheritdoc/>
    public abstract void OnEntered(JoinRoom join, EnteredPage page);

    /// <inheritdoc/>
    public void OnRefused(RoomCall call, ProtocolError error)
    {
        switch (call)
        {
            case WriteRoom:
                _gate.WriteAnswered();
                break;
            case JoinRoom join:
                Tell(new JoinEnded(join, error));
                break;
        }

        Refuse(call, error);
    }

    /// <inheritdoc/>
    public void OnWritten(WriteRoom write, long seq, long ts, bool dup)
    {
        _gate.WriteAnswered();
        _audit?.Acked(write, seq, dup, Who?.SessionId, Allowance?.From);
        Acknowledge(write, seq, ts, dup);
    }

    /// <inheritdoc/>
    public void OnReset(JoinRoom join)
    {
        // Before the client can know: its next join of the room then comes after this.
        Tell(new JoinEnded(join, null));
        Reset(join);
    }

    /// <inheritdoc/>
    public abstract void OnHistory(ReadHistory read, EventPage page);

    /// <inheritdoc/>
    public abstract void OnMembers(ReadMembers read, MemberPage page);

    /// <inheritdoc/>
    public abstract void OnLeft(LeaveRoom leave);

    /// <inheritdoc/>
    public abstract void OnPresence(PresenceChanged presence);

    /// <inheritdoc/>
    public abstract void OnTyping(string room, string name, string uid);

    /// <summary>Answers a request, or what was taken for one, with an error.</summary>
    public void SendError(long? id, ProtocolError error)
    {
        _metrics.Rejected(error.Code);
        WriteError(id, error);
    }

    /// <summary>Shows the client a text of the operator's, also given as the line of the JSON protocol.</summary>
    public virtual void SendNotice(string text, byte[] line) => Outbox.Append(line);

    /// <summary>Tells the client that this gateway is leaving.</summary>
    public abstract void SendDrain(int afterMs);

    /// <inheritdoc/>
    public bool IsReady(Action whenReady)
    {
        if (_reads.Wait(Address) == 0)
        {
            return Outbox.IsLow(whenReady);
        }

        // Nobody is refused in the middle of a join: a sweep looks again.
        LazyInitializer.EnsureInitialized(ref _waitingPages).Enqueue(whenReady);
        return false;
    }

    /// <inheritdoc/>
    public void OnRead(long bytes) => _reads.Charge(Address, bytes);

    protected abstract void WriteError(long? id, ProtocolError error);

    protected abstract void Acknowledge(WriteRoom write, long seq, long ts, bool dup);

    protected abstract void Refuse(RoomCall call, ProtocolError error);

    protected abstract void Reset(JoinRoom join);

    private void ReadOn()
    {
        if (_waitingPages is { IsEmpty: false } waiting && _reads.Wait(Address) == 0)
        {
            for (var count = waiting.Count; count > 0 && waiting.TryDequeue(out var page); count--)
            {
                if (Outbox.IsLow(page))
                {
                    page();
                }
            }
        }
    }

    private void HandOver()
    {
        Tell(new FramesReceived(_received));
        _received = [];

        // Begun before, and the gate's swap is a full fence: either this sees that the actor has stopped, or that one finds the gate begun.
        if (_actorStopped)
        {
            _gate.Release();
        }
    }

    private void Tell(IConnectionMessage message) => Actor.Tell(message, ActorRefs.NoSender);

    private void End() => Actor.Tell(ConnectionOver.Instance, ActorRefs.NoSender);
}
