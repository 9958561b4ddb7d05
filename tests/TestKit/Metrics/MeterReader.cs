using System.Diagnostics.Metrics;
using ClusterChat.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.TestKit;

/// <summary>Meters for what a test runs, and what they show.</summary>
public sealed class MeterReader : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsCollector _collector;

    public MeterReader()
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _collector = new MetricsCollector(Meters, NullLogger<MetricsCollector>.Instance);
    }

    public IMeterFactory Meters { get; }

    /// <summary>All of it, as whoever scrapes would read it.</summary>
    public Dictionary<string, OpenMetricsFamily> Read() => OpenMetricsText.Read(_collector.Collect(openMetrics: true));

    /// <summary>The value of one sample.</summary>
    /// <param name="sample">Its name.</param>
    /// <param name="labels">Its labels, each as <c>name=value</c>.</param>
    public double Value(string sample, params string[] labels)
        => Read().Values.SelectMany(f => f.Samples)
            .Single(s => s.Name == sample && s.Labels.Select(l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal).SequenceEqual(labels.Order(StringComparer.Ordinal)))
            .Value;

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }
}
