using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Gateway;
using ClusterChat.Gateway.Http;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.Host;

/// <summary>What a node consists of, by its roles.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    // Two systems, since they end one after the other: gateways take leave of the rooms.
    private readonly ActorSystem _roomActors;
    private readonly ActorSystem _gatewayActors;

    private NodeParts(NodeOptions options, INodeCluster cluster, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters)
    {
        Options = options;
        Cluster = cluster;
        Clock = clock;
        _roomActors = new ActorSystem(ThreadPoolDispatcher.Instance, clock, loggers.CreateLogger<ActorSystem>(), meters);
        _gatewayActors = new ActorSystem(ThreadPoolDispatcher.Instance, clock, loggers.CreateLogger<ActorSystem>(), meters);
    }

    public NodeOptions Options { get; }

    public INodeCluster Cluster { get; }

    public TimeProvider Clock { get; }

    /// <summary>Null without the role.</summary>
    public RoomRegion? Region { get; private set; }

    /// <summary>Null without the role.</summary>
    public GatewayNode? Gateway { get; private set; }

    public static async Task<NodeParts> CreateAsync(
        NodeOptions options, NodeStorage storage, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters, CancellationToken cancellationToken)
    {
        var secret = await storage.Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), cancellationToken);
        var roles = ClusterOptionRules.Roles(options.Roles)!.Value;
        var self = new ClusterNode(options.Name, RandomId(), roles, options.Advertise ?? string.Empty);
        INodeCluster cluster = options.Cluster is null
            ? new LoneNode(self, await storage.LastViewAsync(cancellationToken))
            : new ClusterParts(self, secret, options, storage, clock, loggers, meters);
        var parts = new NodeParts(options, cluster, clock, loggers, meters);
        if (roles.HasFlag(NodeRoles.Rooms))
        {
            parts.Region = new RoomRegion(
                parts._roomActors, storage.Journal, cluster.Gateways, cluster.OwnedUnder, options.Rooms, RandomId, loggers.CreateLogger<RoomRegion>(), cluster.Handovers);
            cluster.Attach(parts.Region);
        }

        if (roles.HasFlag(NodeRoles.Gateway))
        {
            parts.Gateway = new GatewayNode(
                parts._gatewayActors,
                ThreadPoolDispatcher.Instance,
                cluster.Engine,
                options.Limits,
                new GatewaySetup(options.Name, secret, () => RandomNumberGenerator.GetBytes(16)) { Auth = options.Auth },
                loggers.CreateLogger<GatewayNode>());
        }

        return parts;
    }

    /// <summary>Gives the node its endpoints.</summary>
    public void Map(WebApplication app, Func<string?> notReady)
    {
        Gateway?.Map(app, [.. Options.AllowedOrigins]);
        new NodeEndpoints(Cluster.Engine, notReady, Region is { } region ? () => region.Count : null, Gateway).Map(app, Options.Name);
    }

    /// <summary>After the drain: what is left takes leave of each other, then the node leaves the cluster.</summary>
    public async Task StopAsync()
    {
        await _gatewayActors.StopAsync();
        await _roomActors.StopAsync();
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
