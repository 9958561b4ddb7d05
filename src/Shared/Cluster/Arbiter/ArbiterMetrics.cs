using System.Diagnostics.Metrics;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>The meter "ClusterChat.Arbiter". No nodes as tags: who it was is in the log.</summary>
internal sealed class ArbiterMetrics
{
    public const string MeterName = "ClusterChat.Arbiter";

    // From a local database's commit to the failure detector with a minority's patience.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Counter<long>? _evictions;
    private readonly Histogram<double>? _duration;

    /// <param name="meters">Null: nothing is measured.</param>
    public ArbiterMetrics(IMeterFactory? meters)
    {
        // The factory owns the meter.
        var meter = meters?.Create(MeterName);
        _evictions = meter?.CreateCounter<long>("clusterchat.cluster.evictions", "{node}", "Nodes that this one has thrown out of the cluster.");
        _duration = meter?.CreateHistogram(
            "clusterchat.cluster.eviction.duration", "s", "Time from the first suspicion against a node until its eviction stands in the table.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
    }

    /// <summary>A node was evicted.</summary>
    /// <param name="reason">Why: a word of few.</param>
    /// <param name="suspected">How long it was suspected; null: it was not.</param>
    public void Evicted(string reason, TimeSpan? suspected)
    {
        _evictions?.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (suspected is { } time)
            _duration?.Record(time.TotalSeconds);
    }
}
