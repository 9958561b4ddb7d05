namespace ClusterChat.TestKit;

/// <summary>A family of an exposition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, such as <c>counter</c>.</param>
/// <param name="Unit">Its unit; empty for none.</param>
/// <param name="Help">Its help.</param>
/// <param name="Samples">Its samples, in their order.</param>
public sealed record OpenMetricsFamily(string Name, string Type, string Unit, string Help, IReadOnlyList<OpenMetricsSample> Samples);

/// <summary>A line with a value.</summary>
/// <param name="Name">The name, with the suffix of its kind.</param>
/// <param name="Labels">The labels.</param>
/// <param name="Value">The value.</param>
public sealed record OpenMetricsSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The labels but for that of a bucket: what tells one metric of a family from another.</summary>
    public string Key => string.Join(',', Labels.Where(l => l.Key != "le").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.Length}:{l.Value}"));
}
