namespace ClusterChat.Diagnostics;

/// <summary>A text form of metrics.</summary>
internal enum MetricsFormat
{
    /// <summary>Prometheus text 0.0.4.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.</summary>
    OpenMetrics,
}
