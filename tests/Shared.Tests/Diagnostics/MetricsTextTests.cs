using ClusterChat.Diagnostics;
using ClusterChat.TestKit;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ClusterChat.Tests.Diagnostics;

public sealed class MetricsTextTests
{
    private static readonly MetricSnapshot[] Metrics =
    [
        new("a_seconds", MetricKind.Histogram, "seconds", "How \"long\"\\.\nReally.", [new([new("k", "v")], 2.5, [(1, 1), (2.5, 0), (double.PositiveInfinity, 2)])]),
        new("b_bytes", MetricKind.Counter, "bytes", "", [new([], 3)]),
        new("c", MetricKind.Gauge, null, "Up and down.", [new([new("k", "a\"b\\c\nd")], double.NaN), new([new("k", "x"), new("l", "y")], double.NegativeInfinity)]),
    ];

    [Fact]
    public void OpenMetrics_names_the_family_and_ends()
    {
        const string Expected = """
            # TYPE a_seconds histogram
            # UNIT a_seconds seconds
            # HELP a_seconds How \"long\"\\.\nReally.
            a_seconds_bucket{k="v",le="1.0"} 1
            a_seconds_bucket{k="v",le="2.5"} 1
            a_seconds_bucket{k="v",le="+Inf"} 3
            a_seconds_count{k="v"} 3
            a_seconds_sum{k="v"} 2.5
            # TYPE b_bytes counter
            # UNIT b_bytes bytes
            b_bytes_total 3
            # TYPE c gauge
            # HELP c Up and down.
            c{k="a\"b\\c\nd"} NaN
            c{k="x",l="y"} -Inf
            # EOF

            """;
        var text = MetricsText.Write(Metrics, MetricsFormat.OpenMetrics);
        text.ShouldBe(Expected);
        OpenMetricsText.Read(text).Count.ShouldBe(3);
    }

    [Fact]
    public void The_older_format_names_the_sample_and_has_no_units()
    {
        const string Expected = """
            # TYPE a_seconds histogram
            # HELP a_seconds How "long"\\.\nReally.
            a_seconds_bucket{k="v",le="1"} 1
            a_seconds_bucket{k="v",le="2.5"} 1
            a_seconds_bucket{k="v",le="+Inf"} 3
            a_seconds_count{k="v"} 3
            a_seconds_sum{k="v"} 2.5
            # TYPE b_bytes_total counter
            b_bytes_total 3
            # TYPE c gauge
            # HELP c Up and down.
            c{k="a\"b\\c\nd"} NaN
            c{k="x",l="y"} -Inf

            """;
        MetricsText.Write(Metrics, MetricsFormat.Prometheus).ShouldBe(Expected);
    }

    [Property(MaxTest = 1000)]
    public void Any_label_and_any_number_is_read_back_as_it_was(string? label, double number)
    {
        var text = label ?? string.Empty;
        var metric = new MetricSnapshot("m", MetricKind.Gauge, null, text, [new([new("l", text)], number)]);
        var read = OpenMetricsText.Read(MetricsText.Write([metric], MetricsFormat.OpenMetrics))["m"];
        read.Help.ShouldBe(text);
        read.Samples.ShouldHaveSingleItem().Labels["l"].ShouldBe(text);
        read.Samples[0].Value.ShouldBe(number);
    }

    [Property(MaxTest = 500)]
    public Property Any_buckets_are_a_histogram(NormalFloat[] bounds, byte[] counts)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentNullException.ThrowIfNull(counts);
        (double, long)[] buckets =
        [
            .. bounds.Select(b => b.Get).Distinct().Order().Select((b, i) => (b, (long)counts.ElementAtOrDefault(i))),
            (double.PositiveInfinity, 1),
        ];
        var metric = new MetricSnapshot("m", MetricKind.Histogram, null, string.Empty, [new([], 1, buckets)]);
        var read = OpenMetricsText.Read(MetricsText.Write([metric], MetricsFormat.OpenMetrics))["m"];
        return (read.Samples.Count == buckets.Length + 2).ToProperty();
    }
}
