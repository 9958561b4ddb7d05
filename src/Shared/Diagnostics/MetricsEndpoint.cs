using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace ClusterChat.Diagnostics;

/// <summary><c>GET /metrics</c>.</summary>
public static class MetricsEndpoint
{
    /// <summary>Adds the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder app, MetricsCollector collector) => app.MapRead("/metrics", context =>
    {
        var open = PrefersOpenMetrics(context.Request.Headers.Accept);
        context.Response.ContentType = MetricsText.ContentType(open ? MetricsFormat.OpenMetrics : MetricsFormat.Prometheus);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        return context.Response.WriteAsync(collector.Collect(open), Encoding.UTF8, context.RequestAborted);
    });

    /// <summary>Whether a client names OpenMetrics 1.0 and likes it no less than the older format.</summary>
    internal static bool PrefersOpenMetrics(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
            return false;
        double open = 0, plain = 0;
        foreach (var type in types)
        {
            var quality = type.Quality ?? 1;
            if (type.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase) && IsVersion(type, "1.0.0"))
                open = Math.Max(open, quality);
            else if (type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase) && IsVersion(type, "0.0.4"))
                plain = Math.Max(plain, quality);
        }

        return open > 0 && open >= plain;
    }

    private static bool IsVersion(MediaTypeHeaderValue type, string version)
        => type.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) is not { } named
            || HeaderUtilities.RemoveQuotes(named.Value).Equals(version, StringComparison.Ordinal);
}
