using ClusterChat.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClusterChat.Host;

/// <summary>Sends what the node shows of itself to a collector. Nothing waits for it: what a collector that is away does not take is lost.</summary>
internal static class OtlpExport
{
    /// <summary>Metrics, traces and the log; only to be called where somebody has said where to.</summary>
    public static void Add(WebApplicationBuilder builder, NodeOptions options)
    {
        var telemetry = options.Telemetry;

        // A stop waits for it, up to twice for each of the three.
        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= "2000";
        builder.Services.AddSingleton(_ => new MessageTraces(options.Name, telemetry.TraceRatio, TimeProvider.System));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                "clusterchat", serviceNamespace: options.ClusterName, serviceVersion: NodeMetrics.Version, serviceInstanceId: options.Name))
            .WithMetrics(metrics => metrics.AddMeter([.. MetricsCollector.PlatformMeters, "ClusterChat.*"]))

            // The gateway that takes a message has decided by then, see MessageTraces.
            .WithTracing(traces => traces.SetSampler(new AlwaysOnSampler()).AddSource(MessageTraces.SourceName))
            .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter(
                telemetry.OtlpProtocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, new Uri(telemetry.OtlpEndpoint!));
    }
}
