namespace ClusterChat.Diagnostics;

/// <summary>What a metric is to who reads it.</summary>
internal enum MetricKind
{
    /// <summary>It only grows; its rate says something.</summary>
    Counter,

    /// <summary>It goes up and down; its value says something.</summary>
    Gauge,

    /// <summary>How often which values came.</summary>
    Histogram,
}
