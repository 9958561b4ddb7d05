namespace ClusterChat.Diagnostics;

/// <summary>One set of labels of a metric, and what was measured under it. Safe from any thread.</summary>
/// <param name="labels">The labels.</param>
/// <param name="bounds">Of a histogram, the upper bounds of its buckets but for the last; null for other kinds.</param>
internal sealed class MetricSeries(IReadOnlyList<KeyValuePair<string, string>> labels, double[]? bounds)
{
    private readonly long[] _counts = new long[bounds is null ? 0 : bounds.Length + 1];
    private double _value;
    private volatile bool _isKnown;

    /// <summary>Forgets what was observed, before it is observed again.</summary>
    public void Reset()
    {
        _value = 0;
        _isKnown = false;
    }

    public void Set(double value)
    {
        Volatile.Write(ref _value, value);
        _isKnown = true;
    }

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var old = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (BitConverter.DoubleToInt64Bits(old) == BitConverter.DoubleToInt64Bits(seen))
                break;
            seen = old;
        }

        _isKnown = true;
    }

    /// <summary>Puts a value into its bucket. What is no amount (negative, infinite, not a number) has none.</summary>
    public void Record(double value)
    {
        if (!double.IsFinite(value) || value < 0)
            return;
        var index = Array.BinarySearch(bounds!, value);
        Interlocked.Increment(ref _counts[index < 0 ? ~index : index]);
        Add(value);
    }

    /// <returns>Null: there is nothing to show, or nothing that a counter may show.</returns>
    public MetricPoint? Read(MetricKind kind)
    {
        var value = Volatile.Read(ref _value);
        if (!_isKnown || (kind == MetricKind.Counter && (double.IsNaN(value) || value < 0)))
            return null;
        if (bounds is null)
            return new MetricPoint(labels, value);
        var buckets = new (double, long)[_counts.Length];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = (i < bounds.Length ? bounds[i] : double.PositiveInfinity, Interlocked.Read(ref _counts[i]));
        }

        return new MetricPoint(labels, value, buckets);
    }
}
