using System.Globalization;
using System.Text;

namespace ClusterChat.Diagnostics;

/// <summary>
/// Writes metrics as text: OpenMetrics 1.0 (openmetrics.io, the ABNF in its section "Text Format") or Prometheus 0.0.4.
/// </summary>
internal static class MetricsText
{
    /// <summary>The media type.</summary>
    public static string ContentType(MetricsFormat format) => format == MetricsFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The text.</summary>
    public static string Write(IEnumerable<MetricSnapshot> metrics, MetricsFormat format)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics)
        {
            Write(text, metric, format);
        }

        if (format == MetricsFormat.OpenMetrics)
            text.Append("# EOF\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, MetricSnapshot metric, MetricsFormat format)
    {
        var open = format == MetricsFormat.OpenMetrics;
        var total = metric.Kind == MetricKind.Counter ? metric.Name + "_total" : metric.Name;

        // OpenMetrics names the family, the older format the sample.
        var described = open ? metric.Name : total;
        var kind = metric.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" };
        text.Append("# TYPE ").Append(described).Append(' ').Append(kind).Append('\n');
        if (open && metric.Unit is not null)
            text.Append("# UNIT ").Append(described).Append(' ').Append(metric.Unit).Append('\n');
        if (metric.Help.Length > 0)
        {
            text.Append("# HELP ").Append(described).Append(' ');
            Escape(text, metric.Help, quotes: open);
            text.Append('\n');
        }

        foreach (var point in metric.Points)
        {
            if (point.Buckets is { } buckets)
                WriteHistogram(text, metric.Name, point, buckets, open);
            else
                WriteSample(text, total, point.Labels, null, point.Value);
        }
    }

    private static void WriteHistogram(
        StringBuilder text, string name, MetricPoint point, IReadOnlyList<(double Bound, long Count)> buckets, bool open)
    {
        var count = 0L;
        foreach (var (bound, inBucket) in buckets)
        {
            count += inBucket;
            WriteSample(text, name + "_bucket", point.Labels, Bound(bound, open), count);
        }

        WriteSample(text, name + "_count", point.Labels, null, count);
        WriteSample(text, name + "_sum", point.Labels, null, point.Value);
    }

    private static void WriteSample(
        StringBuilder text, string name, IReadOnlyList<KeyValuePair<string, string>> labels, string? bound, double value)
    {
        text.Append(name);
        if (labels.Count > 0 || bound is not null)
        {
            text.Append('{');
            foreach (var (label, content) in labels)
            {
                text.Append(label).Append("=\"");
                Escape(text, content, quotes: true);
                text.Append("\",");
            }

            if (bound is not null)
                text.Append("le=\"").Append(bound).Append('"');
            else
                text.Length--;
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    // OpenMetrics wants numbers in labels in one form, that of Go: with a fraction.
    private static string Bound(double bound, bool open)
    {
        var number = Number(bound);
        return open && double.IsFinite(bound) && number.AsSpan().IndexOfAny('.', 'E') < 0 ? number + ".0" : number;
    }

    private static string Number(double value)
        => double.IsNaN(value) ? "NaN"
            : double.IsPositiveInfinity(value) ? "+Inf"
            : double.IsNegativeInfinity(value) ? "-Inf"
            : value.ToString(CultureInfo.InvariantCulture);

    private static void Escape(StringBuilder text, string value, bool quotes)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }
}
