using System.Numerics;

namespace ClusterChat.Bench;

/// <summary>
/// Counts times in microseconds: each one up to 63, then 32 steps for each power of two, so what it tells is at most 3 % too
/// high.
/// </summary>
internal sealed class Histogram
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[Steps * 40];

    public void Add(TimeSpan time) => Interlocked.Increment(ref _counts[Place((long)time.TotalMicroseconds)]);

    public void Clear() => Array.Clear(_counts);

    /// <summary>The time that a share of all keeps within; not a number where there is none.</summary>
    /// <param name="share">Between 0 and 1.</param>
    public double Milliseconds(double share)
    {
        var wanted = Math.Max(1, _counts.Sum() * share);
        long seen = 0;
        for (var place = 0; place < _counts.Length; place++)
        {
            seen += _counts[place];
            if (seen >= wanted)
            {
                return End(place) / 1000.0;
            }
        }

        return double.NaN;
    }

    private static int Place(long micros)
    {
        micros = Math.Clamp(micros, 0, 1L << 40);
        var shift = Math.Max(0, BitOperations.Log2((ulong)micros | 1) - StepBits);
        return (shift << StepBits) + (int)(micros >> shift);
    }

    private static long End(int place)
    {
        var shift = Math.Max(0, (place >> StepBits) - 1);
        return (place - ((long)shift << StepBits) + 1) << shift;
    }
}
