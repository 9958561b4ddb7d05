using System.Diagnostics.Metrics;

namespace ClusterChat.Storage;

/// <summary>The meter <c>ClusterChat.Journal</c>, the same for each adapter.</summary>
internal sealed class JournalMetrics
{
    public const string MeterName = "ClusterChat.Journal";

    // From a fast disk nearby to a store that is nearly away; and up to what one batch takes, see JournalWriter.
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly int[] Rows = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1024];

    private readonly Histogram<double>? _duration;
    private readonly Histogram<int>? _size;
    private readonly Counter<long>? _fenced;

    public JournalMetrics(IMeterFactory? factory)
    {
        // The factory owns the meter.
        var meter = factory?.Create(MeterName);
        _duration = meter?.CreateHistogram<double>("clusterchat.journal.commit.duration", "s", "Time of a transaction from its begin to its commit.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _size = meter?.CreateHistogram<int>("clusterchat.journal.commit.events", "{event}", "Rows asked for in one transaction.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = Rows });
        _fenced = meter?.CreateCounter<long>("clusterchat.journal.fenced", "{entry}", "Rooms' parts that were refused because of their epoch or head.");
    }

    public void Committed(int rows, int fenced, TimeSpan elapsed)
    {
        if (_duration is null)
            return;
        _duration.Record(elapsed.TotalSeconds);
        _size?.Record(rows);
        if (fenced > 0)
            _fenced?.Add(fenced);
    }
}
