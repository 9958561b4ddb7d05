using System.Diagnostics.Metrics;

namespace ClusterChat.Cluster.Tls;

/// <summary>The meter <c>ClusterChat.Links</c>: who comes to the port for nodes.</summary>
internal sealed class LinkMetrics
{
    public const string MeterName = "ClusterChat.Links";

    private static readonly (ClusterTlsFault Fault, string Name)[] Faults =
    [
        (ClusterTlsFault.Certificate, "certificate"), (ClusterTlsFault.NoCertificate, "no_certificate"), (ClusterTlsFault.NotTls, "not_tls"),
        (ClusterTlsFault.BrokenOff, "broken_off"), (ClusterTlsFault.Version, "version"), (ClusterTlsFault.Silence, "silence"), (ClusterTlsFault.TooMany, "too_many"),
    ];

    private readonly long[] _turnedAway = new long[Enum.GetValues<ClusterTlsFault>().Length];

    /// <param name="meters">Null: nothing is shown.</param>
    /// <param name="unproved">How many connections have not proved themselves yet.</param>
    public LinkMetrics(IMeterFactory? meters, Func<int> unproved)
    {
        // The factory owns the meter.
        if (meters?.Create(MeterName) is not { } meter)
            return;
        meter.CreateObservableUpDownCounter("clusterchat.links.unproved", unproved, "{connection}", "Connections to the port for nodes that have not proved themselves yet.");
        meter.CreateObservableCounter(
            "clusterchat.links.turned_away",
            () => Faults.Select(f => new Measurement<long>(Interlocked.Read(ref _turnedAway[(int)f.Fault]), new KeyValuePair<string, object?>("reason", f.Name))),
            "{connection}",
            "Connections to the port for nodes that were turned away, by the reason.");
    }

    /// <summary>One was turned away.</summary>
    public void TurnedAway(ClusterTlsFault fault) => Interlocked.Increment(ref _turnedAway[(int)fault]);
}
