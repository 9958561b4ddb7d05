using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>What the clients saw, in all.</summary>
internal sealed class Counters
{
    // Latencies in microseconds, in steps of a tenth of a power of two.
    private readonly long[] _latencies = new long[400];
    private long _delivered;
    private long _refused;

    public long DeliveredCount => Interlocked.Read(ref _delivered);

    public long RefusedCount => Interlocked.Read(ref _refused);

    public void Delivered(long sentAt)
    {
        Interlocked.Increment(ref _delivered);
        if (sentAt > 0)
        {
            var micros = Math.Max(1, Stopwatch.GetElapsedTime(sentAt).TotalMicroseconds);
            Interlocked.Increment(ref _latencies[Math.Min(_latencies.Length - 1, (int)(Math.Log2(micros) * 10))]);
        }
    }

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Reset()
    {
        Array.Clear(_latencies);
        Interlocked.Exchange(ref _delivered, 0);
        Interlocked.Exchange(ref _refused, 0);
    }

    /// <summary>The latency in milliseconds that a share of the deliveries keeps below, to within 7 %.</summary>
    public double Percentile(double share)
    {
        var wanted = _latencies.Sum() * share;
        long seen = 0;
        for (var i = 0; i < _latencies.Length; i++)
        {
            seen += _latencies[i];
            if (seen >= wanted)
            {
                return Math.Pow(2, (i + 1) / 10.0) / 1000;
            }
        }

        return double.NaN;
    }
}
