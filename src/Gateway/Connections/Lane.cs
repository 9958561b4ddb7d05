using System.Collections.Concurrent;
using ClusterChat.Actors;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// The loop that writes the outboxes of some of a gateway's connections, one after the other: a broadcast to a thousand
/// members is one piece of work for each lane, not one for each member.
/// </summary>
/// <remarks>
/// An outbox is in the queue once at most, and only while it has something to write. A write that has to wait does not hold
/// the lane: the outbox comes back when it is done. So a lane never blocks, and each outbox gets one write a round.
/// </remarks>
internal sealed class Lane(IDispatcher dispatcher) : IRunnable
{
    // So that other work of the thread pool has its turn: at some 10 us a write, 2 ms.
    private const int Quota = 200;

    private readonly ConcurrentQueue<Outbox> _ready = new();
    private int _isScheduled;

    /// <summary>What it has done so far.</summary>
    public LaneCounters Counters { get; } = new();

    /// <summary>Lets an outbox write, soon. Called from any thread.</summary>
    public void Add(Outbox outbox)
    {
        _ready.Enqueue(outbox);
        Schedule();
    }

    /// <inheritdoc/>
    void IRunnable.Run()
    {
        var written = 0;
        for (; written < Quota && _ready.TryDequeue(out var outbox); written++)
        {
            outbox.Write();
        }

        Counters.Turned(written);

        Interlocked.Exchange(ref _isScheduled, 0);
        if (!_ready.IsEmpty)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            dispatcher.Schedule(this);
        }
    }
}
