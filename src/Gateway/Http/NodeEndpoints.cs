using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Gateway.Http;

/// <summary>What operators ask of a node, whatever its roles are.</summary>
/// <param name="cluster">The views.</param>
/// <param name="shards">How many shards a node owns, by its <see cref="ClusterNode.Address"/>; null where this node cannot tell.</param>
/// <param name="notReady">Why clients should not be sent here; null if they should.</param>
/// <param name="activeRooms">How many rooms run on this node; null for one without that role.</param>
/// <param name="gateway">Null for a node without that role.</param>
public sealed class NodeEndpoints(IRoomCluster cluster, Func<string, int?> shards, Func<string?> notReady, Func<int>? activeRooms, GatewayNode? gateway)
{
    private static readonly (NodeRoles Role, string Name)[] RoleNames = [(NodeRoles.Gateway, "gateway"), (NodeRoles.Rooms, "rooms")];

    /// <summary>Adds the endpoints.</summary>
    /// <param name="app">The application.</param>
    /// <param name="name">The node's name.</param>
    public void Map(IEndpointRouteBuilder app, string name)
    {
        app.MapRead("/cluster", context => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json => WriteCluster(json, name)));
    }

    private void WriteCluster(Utf8JsonWriter json, string name)
    {
        var view = cluster.View;
        json.WriteString("node"u8, name);
        json.WriteNumber("view"u8, view.Number);
        json.WriteStartArray("nodes"u8);
        foreach (var node in view.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, node.Name);
            json.WriteStartArray("roles"u8);
            foreach (var (_, role) in RoleNames.Where(r => node.Roles.HasFlag(r.Role)))
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            var isSelf = node.Id == cluster.Self;
            json.WriteString("state"u8, !node.IsReachable ? "unreachable" : node.IsLeaving || (isSelf && notReady() == NodeStates.Draining) ? "leaving" : "up");
            json.WriteString("address"u8, node.Address);
            if (shards(node.Address) is { } count)
            {
                json.WriteNumber("shards"u8, count);
            }

            if (isSelf)
            {
                WriteSelf(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteSelf(Utf8JsonWriter json)
    {
        if (activeRooms is not null)
        {
            json.WriteNumber("active"u8, activeRooms());
        }

        if (gateway is not null)
        {
            json.WriteNumber("connections"u8, gateway.Connections);
            json.WriteNumber("rooms"u8, gateway.SubscribedRooms);
            json.WriteNumber("unacked"u8, gateway.Unacked);
            json.WriteNumber("acked"u8, gateway.Acked);
        }
    }
}
