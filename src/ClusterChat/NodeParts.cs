using System.Security.Cryptography;
using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.Host;

/// <summary>What a node consists of, by its roles.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    // Two systems, since they end one after the other: gateways take leave of the rooms.
    private readonly ActorSystem _roomActors;
    private readonly ActorSystem _gatewayActors;
    private AdminApi? _admin;

    private NodeParts(NodeOptions options, INodeCluster cluster, TimeProvider clock)
    {
        Options = options;
        Cluster = cluster;
        Clock = clock;
        _roomActors = ActorSystem.Create("rooms", ActorsConf.Load());
        _gatewayActors = ActorSystem.Create("gateway", ActorsConf.Load());
    }

    public NodeOptions Options { get; }

    public INodeCluster Cluster { get; }

    public TimeProvider Clock { get; }

    /// <summary>Null without the role.</summary>
    public RoomRegion? Region { get; private set; }

    /// <summary>Null without the role.</summary>
    public GatewayNode? Gateway { get; private set; }

    public static async Task<NodeParts> CreateAsync(
        NodeOptions options, NodeStorage storage, TimeProvider clock, ILoggerFactory loggers, NodeDiagnostics diagnostics, CancellationToken cancellationToken)
    {
        var secret = options.ClusterSecret ?? await storage.Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), cancellationToken);
        var roles = ClusterOptionRules.Roles(options.Roles)!.Value;
        var self = new ClusterNode(options.Name, RandomId(), roles, options.Advertise ?? string.Empty);
        INodeCluster cluster = options.Cluster is null
            ? new LoneNode(self, await storage.LastViewAsync(cancellationToken))
            : new ClusterParts(self, secret, options, storage, clock, loggers, diagnostics);
        var parts = new NodeParts(options, cluster, clock)
        {
            _admin = new AdminApi(
                AdminKeys.Load(options.Admin), cluster.Orders, new RoomDeletion(storage.Deletion, cluster.Engine, options.Rooms), clock, loggers),
        };
        if (roles.HasFlag(NodeRoles.Rooms))
        {
            parts.Region = new RoomRegion(
                parts._roomActors, clock, storage.Journal, cluster.Gateways, cluster.OwnedUnder, options.Rooms, RandomId, loggers.CreateLogger<RoomRegion>(), cluster.Handovers, diagnostics);
            cluster.Attach(parts.Region);
        }

        if (roles.HasFlag(NodeRoles.Gateway))
        {
            parts.Gateway = new GatewayNode(
                parts._gatewayActors,
                clock,
                cluster.Engine,
                options.Limits,
                new GatewaySetup(options.Name, secret, () => RandomNumberGenerator.GetBytes(16)) { Diagnostics = diagnostics, Auth = options.Auth },
                loggers.CreateLogger<GatewayNode>());
            cluster.Orders.Attach(parts.Gateway.ExecuteAsync);
        }

        return parts;
    }

    /// <summary>Gives the node its endpoints for clients.</summary>
    public void Map(WebApplication app) => Gateway?.Map(app, [.. Options.AllowedOrigins]);

    /// <summary>
    /// What operators ask, besides the probes. On the management port; where there is none, beside the clients' endpoints.
    /// </summary>
    public void MapManagement(IEndpointRouteBuilder app, Func<string?> notReady)
    {
        new NodeEndpoints(Cluster.Engine, notReady, Region is { } region ? () => region.Count : null, Gateway).Map(app, Options.Name);
        _admin?.Map(app);
    }

    /// <summary>After the drain: what is left takes leave of each other, then the node leaves the cluster.</summary>
    public async Task StopAsync()
    {
        await _gatewayActors.Terminate();
        await (Region?.StopAsync() ?? _roomActors.Terminate());
        await Cluster.LeaveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Gateway?.Dispose();
        Region?.Dispose();
        await Cluster.DisposeAsync();
    }

    private static string RandomId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
