using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ClusterChat.Diagnostics;

/// <summary>One metric: all series of all instruments of one name.</summary>
/// <remarks>
/// The number of series is bounded: what comes with further sets of tags is put together in one that says so, so that nobody
/// who can choose a tag's value can fill the memory of this process or of whoever scrapes it.
/// </remarks>
internal sealed class MetricFamily(string name, MetricKind kind, string? unit, string help, double[]? bounds, int maxSeries)
{
    /// <summary>What OpenTelemetry calls the same.</summary>
    public const string OverflowLabel = "otel_metric_overflow";

    private static readonly KeyValuePair<string, string>[] OverflowLabels = [new(OverflowLabel, "true")];

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly MetricSeries _plain = new([], bounds);
    private readonly MetricSeries _overflow = new(OverflowLabels, bounds);

    public string Name => name;

    public MetricKind Kind => kind;

    public string? Unit => unit;

    /// <summary>The names of its samples: no other family may have one of them.</summary>
    public IEnumerable<string> SampleNames => kind switch
    {
        MetricKind.Counter => [name, name + "_total"],
        MetricKind.Histogram => [name, name + "_bucket", name + "_count", name + "_sum"],
        _ => [name],
    };

    /// <summary>The series of a set of tags.</summary>
    public MetricSeries Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return _plain;
        var labels = Labels(tags);
        if (labels.Count == 0)
            return _plain;
        var key = new StringBuilder();
        foreach (var (label, value) in labels)
        {
            key.Append(label).Append('=').Append(value).Append('\0');
        }

        if (_series.TryGetValue(key.ToString(), out var series))
            return series;

        // Several threads may pass at once: a few series more than the limit.
        return _series.Count >= maxSeries ? _overflow : _series.GetOrAdd(key.ToString(), new MetricSeries(labels, bounds));
    }

    /// <summary>
    /// Shows the series without labels before anything was measured: a rate needs a value before the first one. For instruments
    /// that are never given tags.
    /// </summary>
    public void BeginAtZero() => _plain.Add(0);

    /// <summary>Forgets what was observed, before it is observed again.</summary>
    public void Reset()
    {
        _plain.Reset();
        _overflow.Reset();
        foreach (var series in _series.Values)
        {
            series.Reset();
        }
    }

    /// <returns>Null: there is nothing to show.</returns>
    public MetricSnapshot? Read()
    {
        var points = _series.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value).Prepend(_plain).Append(_overflow)
            .Select(s => s.Read(kind)).OfType<MetricPoint>().ToList();
        return points.Count == 0 ? null : new MetricSnapshot(name, kind, unit, help, points);
    }

    // Sorted, each name once. Tags whose names become the same share a label, as OpenTelemetry has it.
    private List<KeyValuePair<string, string>> Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, value) in tags)
        {
            if (Text(value) is not { Length: > 0 } text)
                continue;
            var label = MetricNames.Label(tag);
            if (label == "le" && kind == MetricKind.Histogram)
                label = "exported_le";
            labels[label] = labels.TryGetValue(label, out var other) ? $"{other};{text}" : text;
        }

        return [.. labels];
    }

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };
}
