namespace ClusterChat.Diagnostics;

/// <summary>A metric as it stands: one family of the exposition.</summary>
/// <param name="Name">Its name, with its unit and without a suffix of its kind.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Unit">The unit that its name ends with; null for none.</param>
/// <param name="Help">What it says.</param>
/// <param name="Points">A value for each set of labels.</param>
internal sealed record MetricSnapshot(string Name, MetricKind Kind, string? Unit, string Help, IReadOnlyList<MetricPoint> Points);

/// <summary>A value with its labels.</summary>
/// <param name="Labels">The labels: names as they may be, each once.</param>
/// <param name="Value">The value; of a histogram, the sum of all.</param>
/// <param name="Buckets">Of a histogram, the upper bounds and how many values came up to each; the last bound is infinite. Not cumulative.</param>
internal sealed record MetricPoint(
    IReadOnlyList<KeyValuePair<string, string>> Labels, double Value, IReadOnlyList<(double Bound, long Count)>? Buckets = null);
