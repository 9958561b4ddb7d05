using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>What the clients saw, in all.</summary>
internal sealed class Counters
{
    private long _delivered;
    private long _refused;
    private long _lost;

    /// <summary>From when a message was due, or in the closed loop was sent, to each of its deliveries.</summary>
    public Histogram Latencies { get; } = new();

    public long DeliveredCount => Interlocked.Read(ref _delivered);

    public long RefusedCount => Interlocked.Read(ref _refused);

    /// <summary>Connections that ended before the run did.</summary>
    public long LostCount => Interlocked.Read(ref _lost);

    public void Delivered(long due)
    {
        Interlocked.Increment(ref _delivered);
        if (due > 0)
        {
            Latencies.Add(Stopwatch.GetElapsedTime(due));
        }
    }

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Lost() => Interlocked.Increment(ref _lost);

    public void Reset()
    {
        Latencies.Clear();
        Interlocked.Exchange(ref _delivered, 0);
        Interlocked.Exchange(ref _refused, 0);
    }
}
