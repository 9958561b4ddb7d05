using System.Diagnostics.Metrics;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The meter "ClusterChat.Links". No peers as tags: what tells one link from another is in the log.</summary>
internal sealed class LinkMetrics
{
    public const string MeterName = "ClusterChat.Links";

    // From a system call to the write's time-out.
    private static readonly double[] Seconds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.025, 0.1, 1, 10];

    private readonly Counter<long>? _dropped;
    private readonly Counter<long>? _refused;
    private readonly Counter<long>? _connects;
    private readonly Counter<long>? _messages;
    private readonly Counter<long>? _bytes;
    private readonly Histogram<double>? _duration;

    /// <param name="meters">Null: nothing is measured.</param>
    /// <param name="queuedBytes">Reads what waits for all peers.</param>
    public LinkMetrics(IMeterFactory? meters, Func<long> queuedBytes)
    {
        // The factory owns the meter.
        var meter = meters?.Create(MeterName);
        _dropped = meter?.CreateCounter<long>("clusterchat.links.dropped", "{message}", "Messages of rooms that did not fit; their streams begin anew.");
        _refused = meter?.CreateCounter<long>("clusterchat.links.refused", "{message}", "Requests to rooms that did not fit and were pushed back.");
        _connects = meter?.CreateCounter<long>("clusterchat.links.connects", "{connection}", "Connections that this node dialled with success.");
        _messages = meter?.CreateCounter<long>("clusterchat.links.sent", "{message}", "Messages written to other nodes.");
        _bytes = meter?.CreateCounter<long>("clusterchat.links.sent.size", "By", "Their bytes.");
        _duration = meter?.CreateHistogram(
            "clusterchat.link.duration", "s", "Time from a message's coming into the queue of a link until it is written; of each batch, the longest.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        meter?.CreateObservableUpDownCounter("clusterchat.links.queued", queuedBytes, "By", "What waits for all peers, about.");
    }

    public void Dropped() => _dropped?.Add(1);

    public void Refused() => _refused?.Add(1);

    public void Connected() => _connects?.Add(1);

    /// <summary>A batch was written.</summary>
    public void Sent(int messages, int bytes, TimeSpan? waited)
    {
        if (_duration is null)
            return;
        _messages?.Add(messages);
        _bytes?.Add(bytes);
        if (waited is { } time)
            _duration.Record(time.TotalSeconds);
    }
}
