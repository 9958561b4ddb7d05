using System.Diagnostics.Metrics;
using System.Numerics;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Diagnostics;

/// <summary>
/// Listens to the meters of a node and says what they measured when it is asked. What is measured goes to a plain number, with a
/// few interlocked instructions; what can be observed costs nothing until then.
/// </summary>
public sealed partial class MetricsCollector : IDisposable
{
    /// <summary>The meters besides those of this program: the runtime's, Kestrel's, HTTP's and Npgsql's.</summary>
    public static IReadOnlyList<string> PlatformMeters { get; } =
        ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting", "Npgsql"];

    // Those that OpenTelemetry takes where an instrument gives no advice; the first for seconds, the other for all else.
    private static readonly double[] DefaultSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    // The runtime declares them as counters, and they go down; OpenTelemetry's conventions have them right.
    private static readonly string[] GoDown = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    // Held while the observed values are put together: two who ask at once would add to each other's.
    private readonly Lock _reading = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);
    private readonly HashSet<MetricFamily> _observed = [];
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _factory;
    private readonly ILogger _logger;
    private readonly int _maxSeries;
    private bool _failed;

    /// <summary>Begins to listen.</summary>
    /// <param name="factory">Whose meters; and those of the platform that nobody made by a factory.</param>
    /// <param name="logger">The log.</param>
    /// <param name="maxSeries">How many series a metric may have; 1,000 are some 150 KiB of text.</param>
    public MetricsCollector(IMeterFactory factory, ILogger<MetricsCollector> logger, int maxSeries = 1000)
    {
        _factory = factory;
        _logger = logger;
        _maxSeries = maxSeries;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsWanted(instrument.Meter) && Family(instrument) is { } target)
                listener.EnableMeasurementEvents(instrument, target);
        };
        Measure<byte>();
        Measure<short>();
        Measure<int>();
        Measure<long>();
        Measure<float>();
        Measure<double>();
        Measure<decimal>();
        _listener.Start();
    }

    /// <summary>What was measured, as text.</summary>
    /// <param name="openMetrics">OpenMetrics 1.0; else Prometheus 0.0.4.</param>
    public string Collect(bool openMetrics)
        => MetricsText.Write(Read(), openMetrics ? MetricsFormat.OpenMetrics : MetricsFormat.Prometheus);

    /// <summary>What was measured.</summary>
    internal IReadOnlyList<MetricSnapshot> Read()
    {
        lock (_reading)
        {
            MetricFamily[] families;
            lock (_gate)
            {
                foreach (var family in _observed)
                {
                    family.Reset();
                }

                families = [.. _families.Values];
            }

            // Without the gate: an instrument may be published by a thread that holds what this needs.
            Observe();
            return [.. families.Select(f => f.Read()).OfType<MetricSnapshot>()];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private bool IsWanted(Meter meter)
        => (meter.Scope is null || ReferenceEquals(meter.Scope, _factory))
            && (IsOwn(meter) || PlatformMeters.Contains(meter.Name, StringComparer.Ordinal));

    private static bool IsOwn(Meter meter) => meter.Name.StartsWith("ClusterChat.", StringComparison.Ordinal);

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException error)
        {
            // The others were observed all the same.
            if (!_failed)
                LogObserving(_logger, error);
            _failed = true;
        }
    }

    private Target? Family(Instrument instrument)
    {
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        MetricKind kind;
        if (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>))
            kind = GoDown.Contains(instrument.Name, StringComparer.Ordinal) ? MetricKind.Gauge : MetricKind.Counter;
        else if (generic == typeof(Histogram<>))
            kind = MetricKind.Histogram;
        else if (generic == typeof(UpDownCounter<>) || generic == typeof(ObservableUpDownCounter<>) || generic == typeof(Gauge<>) || generic == typeof(ObservableGauge<>))
            kind = MetricKind.Gauge;
        else
            return null;
        var sets = generic == typeof(Gauge<>) || generic == typeof(ObservableGauge<>);
        var (name, unit) = MetricNames.Family(instrument.Name, instrument.Unit, kind);
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out var family))
            {
                family = new MetricFamily(name, kind, unit, instrument.Description ?? string.Empty, kind == MetricKind.Histogram ? Bounds(instrument) : null, _maxSeries);
                if (family.SampleNames.FirstOrDefault(_taken.ContainsKey) is { } taken)
                {
                    LogLeftOut(_logger, instrument.Name, instrument.Meter.Name, _taken[taken]);
                    return null;
                }

                foreach (var sample in family.SampleNames)
                {
                    _taken.Add(sample, name);
                }

                _families.Add(name, family);
            }
            else if (family.Kind != kind || family.Unit != unit)
            {
                LogLeftOut(_logger, instrument.Name, instrument.Meter.Name, name);
                return null;
            }

            if (instrument.IsObservable)
                _observed.Add(family);
            else if (!sets && IsOwn(instrument.Meter))
                family.BeginAtZero();
            return new Target(family, sets);
        }
    }

    private static double[] Bounds(Instrument instrument)
    {
        var advice = instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
            Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
            _ => null,
        };
        return advice is null ? instrument.Unit == "s" ? DefaultSeconds : DefaultBounds : [.. advice.Where(double.IsFinite).Distinct().Order()];
    }

    private void Measure<T>()
        where T : struct, INumberBase<T>
        => _listener.SetMeasurementEventCallback<T>(static (_, value, tags, state) =>
        {
            var target = (Target)state!;
            var series = target.Family.Of(tags);
            var number = double.CreateSaturating(value);
            if (target.Family.Kind == MetricKind.Histogram)
                series.Record(number);
            else if (target.Sets)
                series.Set(number);
            else
                series.Add(number);
        });

    [LoggerMessage(6000, LogLevel.Warning, "Some metrics cannot be observed; said once")]
    private static partial void LogObserving(ILogger logger, Exception error);

    [LoggerMessage(6001, LogLevel.Warning, "The metric {Instrument} of {Meter} is left out: it would be called like {Family}")]
    private static partial void LogLeftOut(ILogger logger, string instrument, string meter, string family);

    /// <param name="Family">Where measurements go.</param>
    /// <param name="Sets">Whether a measurement is the value; else it adds to it.</param>
    private sealed record Target(MetricFamily Family, bool Sets);
}
