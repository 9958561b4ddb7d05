using System.Diagnostics.Metrics;
using ClusterChat.Diagnostics;
using ClusterChat.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Tests.Diagnostics;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsCollector _collector;
    private readonly Meter _meter;

    public MetricsCollectorTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _collector = new MetricsCollector(meters, NullLogger<MetricsCollector>.Instance, maxSeries: 3);
        _meter = meters.Create("ClusterChat.Test");
    }

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_counter_begins_at_zero_and_adds_up()
    {
        var counter = _meter.CreateCounter<long>("c");
        Value("c").ShouldBe(0);
        counter.Add(2);
        counter.Add(3);
        Value("c").ShouldBe(5);
    }

    [Fact]
    public void An_up_down_counter_goes_down_and_a_gauge_forgets()
    {
        var upDown = _meter.CreateUpDownCounter<int>("u");
        var gauge = _meter.CreateGauge<double>("g");
        upDown.Add(5);
        upDown.Add(-7);
        gauge.Record(5);
        gauge.Record(1.5);
        Value("u").ShouldBe(-2);
        Value("g").ShouldBe(1.5);
    }

    [Fact]
    public void What_is_observed_is_what_it_is_now()
    {
        var value = 1L;
        var shown = true;
        _meter.CreateObservableCounter("c", () => value);
        _meter.CreateObservableGauge("g", () => shown ? new[] { new Measurement<double>(value) } : []);
        Value("c").ShouldBe(1);
        Value("c").ShouldBe(1, "asking twice adds nothing");
        (value, shown) = (9, false);
        Value("c").ShouldBe(9);
        Read().ShouldNotContainKey("g");
    }

    [Fact]
    public void Two_instruments_of_one_name_add_up()
    {
        _meter.CreateObservableUpDownCounter("u", () => 2, "{x}", "first");
        _meter.CreateObservableUpDownCounter("u", () => 3, "{x}", "second");
        Value("u").ShouldBe(5);
    }

    [Fact]
    public void A_histogram_has_the_bounds_that_it_was_advised_and_takes_amounts_only()
    {
        var histogram = _meter.CreateHistogram("h", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        foreach (var value in new[] { 0.5, 1, 1.5, 7, double.NaN, double.PositiveInfinity, -1 })
        {
            histogram.Record(value);
        }

        var samples = Read()["h_seconds"].Samples;
        samples.Select(s => s.Value).ShouldBe([2, 3, 4, 4, 10]);
        samples.Select(s => s.Labels.GetValueOrDefault("le")).ShouldBe(["1.0", "2.0", "+Inf", null, null]);
    }

    [Fact]
    public void Tags_become_labels_in_one_order_whoever_gives_them()
    {
        var counter = _meter.CreateCounter<long>("c");
        counter.Add(1, new("b.c", 1), new("a", true));
        counter.Add(1, new("a", true), new("b.c", 1));
        counter.Add(1, new("a", null), new KeyValuePair<string, object?>("b.c", ""));
        var samples = Read()["c"].Samples;
        samples.Count.ShouldBe(2);
        samples.Single(s => s.Labels.Count == 2).Labels.ShouldBe(new Dictionary<string, string> { ["a"] = "true", ["b_c"] = "1" });
        samples.Single(s => s.Labels.Count == 2).Value.ShouldBe(2);
        samples.Single(s => s.Labels.Count == 0).Value.ShouldBe(1);
    }

    [Fact]
    public void Tags_whose_names_become_the_same_share_a_label()
    {
        _meter.CreateCounter<long>("c").Add(1, new("a.b", "x"), new("a_b", "y"));
        _meter.CreateHistogram<int>("h").Record(1, new KeyValuePair<string, object?>("le", "mine"));
        Read()["c"].Samples.Single(s => s.Labels.Count > 0).Labels["a_b"].ShouldBe("x;y");
        Read()["h"].Samples.ShouldContain(s => s.Labels.ContainsKey("exported_le"));
    }

    [Fact]
    public void More_series_than_allowed_are_put_together()
    {
        var counter = _meter.CreateCounter<long>("c");
        for (var i = 0; i < 100; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("room", i));
        }

        var samples = Read()["c"].Samples.Where(s => s.Labels.Count > 0).ToList();
        samples.Count.ShouldBe(4);
        samples.Single(s => s.Labels.ContainsKey("otel_metric_overflow")).Value.ShouldBe(97);
    }

    [Fact]
    public void A_metric_that_would_be_called_like_another_is_left_out()
    {
        _meter.CreateCounter<long>("c");
        _meter.CreateGauge<long>("c_total").Record(1);
        _meter.CreateHistogram<long>("c").Record(1);
        Read()["c"].Type.ShouldBe("counter");
        Read().ShouldNotContainKey("c_total");
    }

    [Fact]
    public void Another_program_s_meters_are_not_shown()
    {
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        others.GetRequiredService<IMeterFactory>().Create("ClusterChat.Test").CreateCounter<long>("other");
        _services.GetRequiredService<IMeterFactory>().Create("Somebody.Else").CreateCounter<long>("else");
        Read().ShouldNotContainKey("other");
        Read().ShouldNotContainKey("else");
        Read().ShouldContainKey("dotnet_process_memory_working_set_bytes");
    }

    [Fact]
    public void One_that_cannot_be_observed_hides_no_other()
    {
        _meter.CreateObservableGauge<long>("bad", new Func<long>(() => throw new InvalidOperationException("test")));
        _meter.CreateObservableGauge("good", () => 1L);
        Value("good").ShouldBe(1);
        Read().ShouldNotContainKey("bad");
    }

    [Fact]
    public async Task Many_who_count_and_ask_at_once_lose_nothing()
    {
        var counter = _meter.CreateCounter<long>("c");
        var histogram = _meter.CreateHistogram<double>("h");
        _meter.CreateObservableCounter("o", () => 7);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            for (var n = 0; n < 2000; n++)
            {
                counter.Add(1);
                histogram.Record(n % 7);
                if (n % 100 == 0)
                    Value("o").ShouldBe(7);
            }
        })));
        Value("c").ShouldBe(8000);
        Read()["h"].Samples.Single(s => s.Name == "h_count").Value.ShouldBe(8000);
    }

    private double Value(string family) => Read()[family].Samples.ShouldHaveSingleItem().Value;

    private Dictionary<string, OpenMetricsFamily> Read() => OpenMetricsText.Read(_collector.Collect(openMetrics: true));
}
