using System.Security.Cryptography;
using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Cluster.Engine;
using ClusterChat.Gateway;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.Gateway.Sockets;
using ClusterChat.RoomActors.Rooms;
using Microsoft.AspNetCore.Cors;

namespace ClusterChat.Host;

/// <summary>What a node consists of, by its roles, on its actor system.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    private static readonly TimeSpan JoinPoll = TimeSpan.FromMilliseconds(250);

    private readonly ActorSystem _system;
    private readonly ClusterFormation _formation;
    private readonly AdminApi _admin;
    private readonly NodeSetup _setup;

    private NodeParts(NodeSetup setup, ActorSystem system, ClientSockets sockets, ILoggerFactory loggers)
    {
        (_setup, _system) = (setup, system);
        _formation = new ClusterFormation(system);
        Nodes = new ClusterNodes(system, () => setup.Arbiter.View.Number, loggers.CreateLogger<ClusterNodes>());
        Cluster = new RoomCluster(Nodes, new FlowLimits(), setup.Clock, loggers.CreateLogger<RoomCluster>()) { Traces = setup.Diagnostics.Traces };
        Shards = new ShardCounts(system, setup.Clock);
        var abuse = new AbuseSetup(setup.Storage.Blocks, setup.Storage.Audit)
        {
            GuestSessionAge = setup.Options.Auth.GuestSessionAge,
            BlockOptions = setup.Options.Blocks,
            AuditOptions = setup.Options.Audit,
        };
        _admin = new AdminApi(
            AdminKeys.Load(setup.Options.Admin), Cluster, new RoomDeletion(setup.Storage.Deletion, Cluster, setup.Options.Rooms), abuse, setup.Clock, loggers);
        if (setup.Roles.HasFlag(NodeRoles.Rooms))
        {
            Rooms = new RoomsNode(
                system, setup.Clock, setup.Storage.Journal, Cluster, Cluster, new ArbiterViews(setup.Arbiter.View), setup.Options.Rooms, RandomId,
                loggers.CreateLogger<RoomsNode>(), setup.Diagnostics, setup.Storage.Space);
            Cluster.Attach(Rooms);
        }

        if (setup.Roles.HasFlag(NodeRoles.Gateway))
        {
            Gateway = new GatewayNode(
                system,
                setup.Clock,
                Cluster,
                setup.Options.Limits,
                new GatewaySetup(setup.Options.Name, setup.Secret, () => RandomNumberGenerator.GetBytes(16))
                {
                    Diagnostics = setup.Diagnostics,
                    Auth = setup.Options.Auth,
                    Abuse = abuse,
                    Sockets = sockets,
                    Output = setup.Output,
                },
                loggers.CreateLogger<GatewayNode>());
            Cluster.Attach(Gateway.ExecuteAsync);
        }
    }

    public NodeOptions Options => _setup.Options;

    public RoomCluster Cluster { get; }

    public ClusterNodes Nodes { get; }

    public ShardCounts Shards { get; }

    /// <summary>Null without the role.</summary>
    public RoomsNode? Rooms { get; }

    /// <summary>Null without the role.</summary>
    public GatewayNode? Gateway { get; }

    /// <summary>Whether the node is a member.</summary>
    public bool HasJoined => Nodes.View.Nodes.Any(n => n.Id == Nodes.Self.Id);

    /// <summary>Whether it refuses messages of its rooms, since the storage has no space for them.</summary>
    public bool HasNoSpace => Rooms is not null && _setup.Storage.Space.IsFull;

    /// <summary>Puts the node together on its actor system, which listens for other nodes.</summary>
    public static async Task<NodeParts> CreateAsync(NodeSetup setup, ActorSystem system, ClientSockets sockets, ILoggerFactory loggers)
    {
        var parts = new NodeParts(setup, system, sockets, loggers);
        ActorMetrics.Start(system, setup.Diagnostics.Meters);
        parts.Nodes.Watch(parts.Cluster.NodeGone);
        var region = parts.Rooms is { } rooms
            ? await RoomSharding.StartAsync(system, rooms.Entity, StopRoom.Instance)
            : await RoomSharding.StartProxyAsync(system);
        parts.Cluster.Start(region, parts.Cluster.StartActor(system));
        parts.Shards.Of(region);
        if (parts.Gateway is { } gateway)
        {
            await gateway.StartAsync();
        }

        NodeShutdown.Plan(system, parts.Gateway, parts.Cluster, parts._formation, setup.Arbiter.View, region, () => parts.Rooms?.Count ?? 0,
            setup.Options.Limits, setup.Clock);
        return parts;
    }

    /// <summary>Joins the cluster, or founds it, and completes when the node is up.</summary>
    /// <exception cref="ArbiterException">It cannot be; the message says why.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await _setup.Storage.WarmUpAsync(cancellationToken);
        using var joining = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var joined = _formation.JoinAsync(joining.Token);
        var since = _setup.Clock.GetTimestamp();
        while (!joined.IsCompleted)
        {
            await Task.WhenAny(joined, Task.Delay(JoinPoll, _setup.Clock, cancellationToken));
            if (!_setup.Arbiter.View.IsMember)
            {
                // It waits for the database.
                since = _setup.Clock.GetTimestamp();
            }
            else if (!joined.IsCompleted && _setup.Clock.GetElapsedTime(since) > Options.JoinTimeout)
            {
                await joining.CancelAsync();
                await _formation.LeaveAsync();
                throw new InvalidOperationException(
                    $"it was not let into the cluster within {Options.JoinTimeout}: the nodes in the table do not answer it as one of theirs");
            }
        }

        await joined;
    }

    /// <summary>Leaves in good order, and ends the actor system.</summary>
    public Task StopAsync() => CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance);

    /// <summary>Gives the node its endpoints for clients.</summary>
    public void Map(WebApplication app) => Gateway?.Map(app, [.. Options.AllowedOrigins]);

    /// <summary>What operators do. On the management port; where there is none, beside the clients' endpoints.</summary>
    public void MapAdmin(IEndpointRouteBuilder app) => _admin.Map(app);

    /// <summary>What operators look at, besides the probes and the metrics.</summary>
    public void MapPages(IEndpointRouteBuilder app, Func<string?> notReady)
        => new NodeEndpoints(Cluster, Shards.Find, notReady, Rooms is { } rooms ? () => rooms.Count : null, Gateway).Map(app, Options.Name);

    /// <summary>Where what operators look at goes if there is no management port: to this machine and to who shows a key only.</summary>
    public IEndpointRouteBuilder Guarded(IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup(string.Empty);
        _admin.Guard(pages);
        if (Gateway is not null)
        {
            // What is on this machine may be a browser, with a page of anybody's in it. Without a gateway nobody asks for such a header.
            pages.WithMetadata(new DisableCorsAttribute());
        }

        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        if (Gateway is { } gateway)
        {
            await gateway.StopAsync();
            gateway.Dispose();
        }

        Rooms?.Dispose();
        Shards.Dispose();
        await _system.Terminate();
    }

    private static string RandomId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
