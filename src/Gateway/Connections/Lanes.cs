using System.Collections.Concurrent;
using System.Numerics;
using Akka.Dispatch;
using ClusterChat.Actors;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// The loops that write a gateway's outboxes, one outbox after the other: a broadcast to a thousand members is one piece of
/// work, not a thousand.
/// </summary>
/// <remarks>
/// <para>
/// All lanes take from one queue. One runs as soon as there is something; another joins it only when more is waiting than
/// <see cref="HelpAt"/>. So a broadcast to fifty members is one burst on one thread, which costs about half of what two
/// threads pay that wake each other and the clients, while a large one is spread over all cores.
/// </para>
/// <para>
/// An outbox is in the queue once at most, and only while it has something to write; and once more to be cut. A write that has to wait does not hold
/// its lane: the outbox comes back when it is done. So a lane never blocks, and each outbox gets one write a round.
/// </para>
/// </remarks>
internal sealed class Lanes
{
    // So that other work of the thread pool has its turn: at some 10 us a write, 2 ms.
    private const int Quota = 200;

    // What is waiting when a further lane is worth what two threads cost each other: some 3 to 5 ms of writes.
    private const int HelpAt = 512;

    private readonly ConcurrentQueue<Outbox> _ready = new();
    private readonly MessageDispatcher _dispatcher;
    private readonly Lane[] _lanes;

    // A bit for each lane that is scheduled or running.
    private ulong _busy;

    /// <param name="dispatcher">Where they run.</param>
    /// <param name="count">How many there are at most, 1 to 64; about one a core.</param>
    public Lanes(MessageDispatcher dispatcher, int count)
    {
        _dispatcher = dispatcher;
        _lanes = [.. Enumerable.Range(0, Math.Clamp(count, 1, 64)).Select(number => new Lane(this, number))];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Lane> All => _lanes;

    /// <summary>Lets an outbox write, soon. Called from any thread.</summary>
    public void Add(Outbox outbox)
    {
        _ready.Enqueue(outbox);
        WakeFirst();
    }

    /// <summary>
    /// Sees to it that a lane runs. The swap is a full fence, and so is a lane's when it ends, after which it looks at the queue
    /// again: either it finds what was added, or the one who added finds no lane busy.
    /// </summary>
    private void WakeFirst()
    {
        if (Interlocked.CompareExchange(ref _busy, 1, 0) == 0)
        {
            _dispatcher.Schedule(_lanes[0]);
        }
    }

    private void WakeAnother()
    {
        var busy = Volatile.Read(ref _busy);
        while (BitOperations.TrailingZeroCount(~busy) is var free && free < _lanes.Length)
        {
            var seen = Interlocked.CompareExchange(ref _busy, busy | (1UL << free), busy);
            if (seen == busy)
            {
                ChainDispatcher.ScheduleApart(_dispatcher, _lanes[free]);
                return;
            }

            busy = seen;
        }
    }

    /// <summary>A lane's turn: one write for each outbox that is ready, up to the quota.</summary>
    public void Run(Lane lane)
    {
        for (var written = 0; written < Quota; written++)
        {
            if (!_ready.TryDequeue(out var outbox))
            {
                lane.Counters.Turned(written);
                Interlocked.And(ref _busy, ~(1UL << lane.Number));
                if (!_ready.IsEmpty)
                {
                    WakeFirst();
                }

                return;
            }

            if (written % 16 == 0 && _ready.Count > HelpAt)
            {
                WakeAnother();
            }

            outbox.Write(lane.Counters);
        }

        lane.Counters.Turned(Quota);
        _dispatcher.Schedule(lane);
    }
}
