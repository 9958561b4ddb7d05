using System.Globalization;
using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <summary>A gateway's subscriptions: one for each room that its clients are in or ask about.</summary>
internal sealed class Subscriptions : IRoomMessageSink, IDisposable
{
    private static readonly ProtocolError Busy = new(ErrorCode.Busy, "Too much is going on in this room.", RetryMs: 500);
    private readonly ActorDirectory<SubscriptionEntry> _byRoom;
    private readonly WaitingSubscriptions _waiting;
    private readonly RoomBudget _budget;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _ownerSilence;
    private readonly int _capacity;
    private long _lastStream;
    private long _lastStart;
    private readonly GatewayMetrics _metrics;
    private readonly MessageTraces? _traces;

    public Subscriptions(
        ActorSystem system, TimeProvider clock, IRoomCluster cluster, GatewayOptions options, GatewayMetrics? metrics = null, MessageTraces? traces = null)
    {
        _metrics = metrics ?? new GatewayMetrics();
        _traces = traces;
        _clock = clock;
        _waiting = new WaitingSubscriptions(_clock);
        _ownerSilence = options.OwnerSilence;
        _budget = new RoomBudget(options, clock);
        var services = new SubscriptionServices(clock, cluster, options, () => Interlocked.Increment(ref _lastStream), _waiting, _budget, _metrics, traces);
        _byRoom = new ActorDirectory<SubscriptionEntry>(
            (room, call) =>
            {
                var origin = (call as RoomCall)?.Client.Origin;
                var entry = new SubscriptionEntry(room) { HeardAt = _clock.GetTimestamp(), Origin = origin };
                _budget.Add(origin);

                // Numbered: the one before may be in its last turn.
                var name = string.Create(CultureInfo.InvariantCulture, $"subscription-{Interlocked.Increment(ref _lastStart)}-{Uri.EscapeDataString(room)}");
                entry.Actor = system.ActorOf(Props.Create(() => new SubscriptionActor(entry, services)).WithMailbox(MailboxNames.Turn), name);
                return entry;
            },
            _capacity = options.MaxUnackedPerRoom * 2);
        cluster.Attach(this);
    }

    /// <summary>Writes that wait for their ack, in all rooms.</summary>
    public int Unacked => _byRoom.All.Sum(s => s.Unacked);

    /// <summary>Writes that were acked, since the start.</summary>
    public long Acked => _metrics.Acks;

    /// <summary>The rooms with clients of this gateway.</summary>
    public int Rooms => _byRoom.All.Count(s => s.Clients > 0);

    /// <summary>How many rooms are followed, and how many were not for want of room.</summary>
    public RoomBudget Budget => _budget;

    /// <summary>Hands a client's request to the room's subscription; where that is too busy, refuses it.</summary>
    /// <returns>False: it was refused.</returns>
    public bool Tell(RoomCall call)
    {
        if (call is WriteRoom write)
        {
            _metrics.SendBegun();
            write.BegunAt = _clock.GetTimestamp();
            write.Span = _traces?.Begin(call.Room);
        }

        // Of a room that is followed already nobody is asked for anything.
        var there = _byRoom.Find(call.Room);
        if (there?.TryTell(call, _capacity) == true)
        {
            return true;
        }

        var error = Busy;
        if (there is null or { IsClosed: true })
        {
            error = _budget.Ask(call.Client.Origin);
            if (error is null && _byRoom.Tell(call.Room, call))
            {
                return true;
            }
        }

        call.Client.OnRefused(call, error ?? Busy);
        return false;
    }

    /// <summary>
    /// Ends a join whose client is gone. Never refused: a seat that nobody sits in would stay for ever. Past the
    /// capacity there is at most one for each join.
    /// </summary>
    /// <param name="join">The join.</param>
    /// <param name="mayReturn">Whether the name is to be held, since who had it did not take its leave.</param>
    public void Release(JoinRoom join, bool mayReturn)
        => _byRoom.Find(join.Room)?.TryTell(new LeaveRoom(join.Client, null, join.Room, Silent: true, join) { MayReturn = mayReturn }, int.MaxValue);

    /// <inheritdoc/>
    public void Deliver(FromRoom message)
    {
        if (_byRoom.Find(message.Room) is { } entry)
        {
            entry.HeardAt = _clock.GetTimestamp();
            entry.Actor.Tell(message, ActorRefs.NoSender);
        }
    }

    /// <inheritdoc/>
    public void DeliverHeads(IReadOnlyList<RoomHead> heads)
    {
        _byRoom.Prune();
        var now = _clock.GetTimestamp();
        foreach (var head in heads)
        {
            // An owner that was replaced and has not noticed is no sign of life of the one that counts.
            if (_byRoom.Find(head.Room) is { } entry && head.Epoch >= entry.Epoch)
            {
                entry.HeardAt = now;
                if (entry.Position < head.Head || (head.Count >= 0 && entry.ToldCount != -1 && entry.ToldCount != head.Count))
                {
                    entry.Actor.Tell(new HeadRepeated(head), ActorRefs.NoSender);
                }
            }
        }
    }

    /// <summary>
    /// Opens the streams anew whose owners are silent. Who is owed an answer notices by itself, and sooner; this is for those
    /// who only listen, whose owner may have forgotten them or be gone. And where there are nearly too many, lets those go that nobody needs.
    /// </summary>
    public void Sweep()
    {
        _budget.Sweep();
        var letsGo = _budget.IsNearlyFull;
        foreach (var entry in _byRoom.All)
        {
            if (letsGo && entry.Clients == 0)
            {
                // One that has something to do stays.
                entry.Actor.Tell(SubscriptionIdle.Instance, ActorRefs.NoSender);
            }

            if (entry.Clients > 0 && _clock.GetElapsedTime(entry.HeardAt) > _ownerSilence)
            {
                entry.HeardAt = _clock.GetTimestamp();
                entry.Actor.Tell(OwnerMoved.Instance, ActorRefs.NoSender);
            }
        }
    }

    /// <inheritdoc/>
    public void OwnersChanged(Func<string, bool> moved)
    {
        foreach (var entry in _byRoom.All)
        {
            if (moved(entry.Room))
            {
                entry.Actor.Tell(OwnerMoved.Instance, ActorRefs.NoSender);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.Dispose();
}
