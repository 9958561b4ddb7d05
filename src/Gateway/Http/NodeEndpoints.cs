using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Gateway.Http;

/// <summary>What operators and probes ask of a node.</summary>
internal sealed class NodeEndpoints(ConnectionRegistry registry, ConnectionServices services)
{
    private const int Shards = 1024;

    public void Map(IEndpointRouteBuilder app)
    {
        // Alive is who answers at all. What it depends on does not count: a restart would not mend the database.
        app.MapGet("/healthz/live", context => WriteAsync(context, StatusCodes.Status200OK, json => WriteState(json, "alive", null)));
        app.MapGet("/healthz/ready", context => services.Drain.HasBegun
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, json => WriteState(json, "not ready", "draining"))
            : WriteAsync(context, StatusCodes.Status200OK, json => WriteState(json, "ready", null)));
        app.MapGet("/cluster", context => WriteAsync(context, StatusCodes.Status200OK, WriteCluster));
    }

    private static void WriteState(Utf8JsonWriter json, string status, string? reason)
    {
        json.WriteString("status"u8, status);
        json.WriteStartArray("reasons"u8);
        if (reason is not null)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
    }

    private void WriteCluster(Utf8JsonWriter json)
    {
        var view = services.Cluster.View;
        json.WriteString("node"u8, services.NodeName);
        json.WriteNumber("view"u8, view.Number);
        json.WriteStartArray("nodes"u8);
        foreach (var node in view.Nodes)
        {
            var isSelf = node.Name == services.NodeName;
            json.WriteStartObject();
            json.WriteString("name"u8, node.Name);
            json.WriteStartArray("roles"u8);
            foreach (var role in Enum.GetValues<NodeRoles>())
            {
                if (role != NodeRoles.None && node.Roles.HasFlag(role))
                {
                    json.WriteStringValue(role.ToString().ToLowerInvariant());
                }
            }

            json.WriteEndArray();
            json.WriteString("state"u8, isSelf && services.Drain.HasBegun ? "leaving" : "up");
            if (view.Nodes.Length == 1)
            {
                json.WriteNumber("shards"u8, Shards);
            }

            if (isSelf)
            {
                json.WriteNumber("connections"u8, registry.Count);
                json.WriteNumber("rooms"u8, services.Rooms.Rooms);
                json.WriteNumber("unacked"u8, services.Rooms.Unacked);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }
}
