using System.Diagnostics.Metrics;

namespace ClusterChat.Storage;

/// <summary>The meter <c>ClusterChat.Journal</c>, the same for each adapter.</summary>
internal sealed class JournalMetrics
{
    public const string MeterName = "ClusterChat.Journal";

    private readonly Histogram<double>? _duration;
    private readonly Histogram<int>? _size;
    private readonly Counter<long>? _fenced;

    public JournalMetrics(IMeterFactory? factory)
    {
        // The factory owns the meter.
        var meter = factory?.Create(MeterName);
        _duration = meter?.CreateHistogram<double>("clusterchat.journal.commit.duration", "s", "Time of a transaction from its begin to its commit.");
        _size = meter?.CreateHistogram<int>("clusterchat.journal.commit.events", "{event}", "Rows asked for in one transaction.");
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
