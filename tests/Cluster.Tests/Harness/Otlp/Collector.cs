using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tests.Harness.Otlp;

/// <summary>A collector of OpenTelemetry that keeps what it is sent.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ResourceSpans> _spans = new();
    private readonly ConcurrentQueue<ResourceMetrics> _metrics = new();
    private readonly ConcurrentQueue<ResourceLogs> _logs = new();
    private readonly Signal _came = new();

    private Collector(bool grpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(e => e.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _app = builder.Build();
        _app.Run(context => TakeAsync(context, grpc));
    }

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>The spans so far.</summary>
    public IEnumerable<Span> Spans => _spans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans);

    /// <summary>The names of the metrics so far, with the node that sent them.</summary>
    public IEnumerable<(string Node, string Name)> Metrics
        => _metrics.SelectMany(r => r.ScopeMetrics.SelectMany(s => s.Metrics).Select(m => (Node(r.Resource), m.Name)));

    /// <summary>The log's lines so far, with the node that sent them.</summary>
    public IEnumerable<(string Node, string Line)> Logs
        => _logs.SelectMany(r => r.ScopeLogs.SelectMany(s => s.LogRecords).Select(l => (Node(r.Resource), l.Body?.StringValue ?? string.Empty)));

    public static async Task<Collector> StartAsync(bool grpc)
    {
        var collector = new Collector(grpc);
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Waits until what has come is enough.</summary>
    public Task WaitAsync(Func<Collector, bool> condition) => _came.WaitAsync(() => condition(this)).Within("the collector was sent it");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, bool grpc)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);

        // In gRPC a message has a byte of flags and four of its length in front.
        var message = body.ToArray().AsSpan(grpc ? 5 : 0);
        switch (context.Request.Path.Value)
        {
            case "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                Keep(_spans, TraceRequest.Parser.ParseFrom(message).ResourceSpans);
                break;
            case "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
                Keep(_metrics, MetricsRequest.Parser.ParseFrom(message).ResourceMetrics);
                break;
            case "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                Keep(_logs, LogsRequest.Parser.ParseFrom(message).ResourceLogs);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        context.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
        if (grpc)
        {
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private void Keep<T>(ConcurrentQueue<T> kept, IEnumerable<T> came)
    {
        foreach (var one in came)
        {
            kept.Enqueue(one);
        }

        _came.Pulse();
    }

    private static string Node(Resource resource) => resource.Attributes.Single(a => a.Key == "service.instance.id").Value.StringValue;
}
