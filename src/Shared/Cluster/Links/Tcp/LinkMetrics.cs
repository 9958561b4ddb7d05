using System.Diagnostics.Metrics;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The meter "ClusterChat.Links". No peers as tags: what tells one link from another is in the log.</summary>
internal sealed class LinkMetrics
{
    public const string MeterName = "ClusterChat.Links";

    private readonly Counter<long>? _dropped;
    private readonly Counter<long>? _refused;
    private readonly Counter<long>? _connects;

    /// <param name="meters">Null: nothing is measured.</param>
    /// <param name="queuedBytes">Reads what waits for all peers.</param>
    public LinkMetrics(IMeterFactory? meters, Func<long> queuedBytes)
    {
        // The factory owns the meter.
        var meter = meters?.Create(MeterName);
        _dropped = meter?.CreateCounter<long>("clusterchat.links.dropped", "{message}", "Messages of rooms that did not fit; their streams begin anew.");
        _refused = meter?.CreateCounter<long>("clusterchat.links.refused", "{message}", "Requests to rooms that did not fit and were pushed back.");
        _connects = meter?.CreateCounter<long>("clusterchat.links.connects", "{connection}", "Connections that this node dialled with success.");
        meter?.CreateObservableGauge("clusterchat.links.queued", queuedBytes, "By", "What waits for all peers, about.");
    }

    public void Dropped() => _dropped?.Add(1);

    public void Refused() => _refused?.Add(1);

    public void Connected() => _connects?.Add(1);
}
