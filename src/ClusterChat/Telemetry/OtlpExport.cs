using ClusterChat.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClusterChat.Host;

/// <summary>
/// Sends what the node shows of itself to a collector. Nothing of it runs unless there is one to send to, and nothing waits for it: what a
/// collector that is away does not take is lost.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    // What a stop may wait for a collector that does not answer.
    private const int LastWordMs = 2000;
    private const int ExportMs = 5000;

    private readonly MeterProvider _meters;
    private readonly TracerProvider _tracers;

    private OtlpExport(NodeOptions options)
    {
        var telemetry = options.Telemetry;
        var resource = Resource(options);
        _meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter([.. MetricsCollector.PlatformMeters, "ClusterChat.*"])
            .AddOtlpExporter(exporter => Configure(exporter, telemetry, "v1/metrics"))
            .Build();

        // The gateway that takes a message has decided by then, see MessageTraces.
        _tracers = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new AlwaysOnSampler())
            .AddSource(MessageTraces.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, telemetry, "v1/traces"))
            .Build();
        Traces = new MessageTraces(options.Name, telemetry.TraceRatio, TimeProvider.System);
    }

    /// <summary>Where messages are traced.</summary>
    public MessageTraces Traces { get; }

    /// <summary>Begins to send metrics and traces.</summary>
    /// <returns>Null: nobody has said where to.</returns>
    public static OtlpExport? Start(NodeOptions options) => options.Telemetry.OtlpEndpoint is null ? null : new OtlpExport(options);

    /// <summary>Sends the log as well, if anybody has said where to.</summary>
    public static void AddLogs(ILoggingBuilder logging, NodeOptions options)
    {
        if (options.Telemetry.OtlpEndpoint is null)
        {
            return;
        }

        logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.SetResourceBuilder(Resource(options));
            logs.AddOtlpExporter(exporter => Configure(exporter, options.Telemetry, "v1/logs"));
        });
    }

    public void Dispose()
    {
        Traces.Dispose();
        _tracers.Shutdown(LastWordMs);
        _meters.Shutdown(LastWordMs);
        _tracers.Dispose();
        _meters.Dispose();
    }

    private static ResourceBuilder Resource(NodeOptions options) => ResourceBuilder.CreateDefault()
        .AddService("clusterchat", serviceNamespace: options.ClusterName, serviceVersion: NodeMetrics.Version, serviceInstanceId: options.Name);

    private static void Configure(OtlpExporterOptions exporter, TelemetryOptions telemetry, string path)
    {
        var isGrpc = telemetry.OtlpProtocol == OtlpProtocol.Grpc;
        var address = telemetry.OtlpEndpoint!;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = isGrpc ? new Uri(address) : new Uri(new Uri(address.EndsWith('/') ? address : address + "/"), path);
        exporter.TimeoutMilliseconds = ExportMs;
    }
}
