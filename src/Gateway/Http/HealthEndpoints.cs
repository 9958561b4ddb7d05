using ClusterChat.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Gateway.Http;

/// <summary>The probes: <c>/healthz/live</c> and <c>/healthz/ready</c>.</summary>
public static class HealthEndpoints
{
    /// <summary>Adds the endpoints.</summary>
    /// <param name="app">The application.</param>
    /// <param name="notReady">Why clients should not be sent here, see <see cref="NodeStates"/>; null if they should.</param>
    public static void Map(IEndpointRouteBuilder app, Func<string?> notReady)
    {
        // Alive is who answers at all. What it depends on does not count: a restart would not mend the database.
        app.MapRead("/healthz/live", context => WriteAsync(context, StatusCodes.Status200OK, "alive", null));
        app.MapRead("/healthz/ready", context => notReady() is { } reason
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "not ready", reason)
            : WriteAsync(context, StatusCodes.Status200OK, "ready", null));
    }

    private static Task WriteAsync(HttpContext context, int code, string status, string? reason) => JsonAnswer.WriteAsync(context, code, json =>
    {
        json.WriteString("status"u8, status);
        json.WriteStartArray("reasons"u8);
        if (reason is not null)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
    });
}
