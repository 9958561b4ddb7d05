using ClusterChat.Diagnostics;
using FsCheck.Xunit;

namespace ClusterChat.Tests.Diagnostics;

public sealed class MetricNamesTests
{
    [Theory]
    [InlineData("clusterchat.ack.duration", "s", 'h', "clusterchat_ack_duration_seconds", "seconds")]
    [InlineData("clusterchat.connections", "{connection}", 'g', "clusterchat_connections", null)]
    [InlineData("x.size", "By", 'c', "x_size_bytes", "bytes")]
    [InlineData("x.bytes", "By", 'g', "x_bytes", "bytes")]
    [InlineData("x.total", null, 'c', "x", null)]
    [InlineData("x.total", null, 'g', "x_total", null)]
    [InlineData("x.used", "1", 'g', "x_used_ratio", "ratio")]
    [InlineData("x.used", "1", 'c', "x_used", null)]
    [InlineData("x.speed", "m/s", 'g', "x_speed_meters_per_second", "meters_per_second")]
    [InlineData("x.rate", "{request}/s", 'g', "x_rate_per_second", "per_second")]
    [InlineData("x.odd", "furlong!", 'g', "x_odd_furlong", "furlong")]
    [InlineData("1x--y..z", "", 'g', "_1x_y_z", null)]
    public void A_family_has_the_name_that_OpenTelemetry_gives_it(string instrument, string? unit, char kind, string name, string? suffix)
        => MetricNames.Family(instrument, unit, kind switch { 'c' => MetricKind.Counter, 'g' => MetricKind.Gauge, _ => MetricKind.Histogram })
            .ShouldBe((name, suffix));

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("__name__", "key__name__")]
    [InlineData("9", "_9")]
    [InlineData("", "_")]
    [InlineData("größe", "gr_e")]
    public void A_label_has_a_name_that_it_may_have(string tag, string label) => MetricNames.Label(tag).ShouldBe(label);

    [Property(MaxTest = 1000)]
    public void Any_text_becomes_a_name(string? text)
    {
        foreach (var name in new[] { MetricNames.Label(text ?? string.Empty), MetricNames.Family(text ?? string.Empty, text, MetricKind.Counter).Name })
        {
            name.ShouldNotBeEmpty();
            char.IsAsciiDigit(name[0]).ShouldBeFalse();
            name.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        }
    }
}
