using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.WebSockets;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway;

/// <summary>A gateway: the clients' connections, the subscriptions to rooms behind them, and the doors in front.</summary>
public sealed class GatewayNode : IDisposable
{
    private readonly ConnectionServices _services;
    private readonly ConnectionRegistry _registry;
    private readonly ClientSockets? _sockets;

    /// <summary>Creates a gateway. It takes connections as soon as <see cref="Map"/> has given it endpoints.</summary>
    /// <param name="system">Where its actors run.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cluster">The way to the rooms.</param>
    /// <param name="options">The limits.</param>
    /// <param name="setup">What tells this gateway from others.</param>
    /// <param name="logger">The log.</param>
    public GatewayNode(
        ActorSystem system,
        TimeProvider clock,
        IRoomCluster cluster,
        GatewayOptions options,
        GatewaySetup setup,
        ILogger<GatewayNode> logger)
    {
        var protocol = new ProtocolLimits { MaxTextBytes = options.MaxTextBytes, MaxDataBytes = options.MaxTextBytes };
        var metrics = new GatewayMetrics(setup.Diagnostics.Meters);
        var meters = setup.Diagnostics.Meters;
        var keptOut = new KeptOut(setup.Abuse?.Blocks, setup.Abuse?.BlockOptions ?? new BlockOptions(), clock, logger, meters);
        var guests = new GuestSessions(setup.ClusterSecret.Span, setup.RandomBytes, clock, setup.Auth.GuestSessionAge);
        _services = new ConnectionServices(
            system,
            clock,
            new Lanes(system.Dispatchers.DefaultGlobalDispatcher, setup.Lanes),
            options,
            protocol,
            new RequestParser(protocol),
            new Subscriptions(system, clock, cluster, options, metrics, setup.Diagnostics.Traces),
            cluster,
            setup.NodeName,
            new BlockingAuthenticator(Authenticators.Create(setup.Auth, guests, clock, logger), keptOut),
            new ClientLimits(options, clock),
            new DrainState(),
            () => Convert.ToHexStringLower(setup.RandomBytes()),
            logger)
        {
            Metrics = metrics,
            Input = setup.Sockets?.Input ?? UnfinishedInput.Unlimited(clock),
            Output = setup.Output ?? new ClientOutput(options, clock),
            KeptOut = keptOut,
            Audit = setup.Abuse is { Audit: { } audit } abuse ? new AuditTrail(audit, abuse.AuditOptions, clock, logger, meters) : null,
        };
        _sockets = setup.Sockets;
        _registry = new ConnectionRegistry(_services);
        metrics.Watch(_registry, _services);
    }

    /// <summary>How many clients are connected.</summary>
    public int Connections => _registry.Count;

    /// <summary>Whether it can take no other client.</summary>
    public bool IsFull => _registry.IsFull || _sockets is { IsFull: true };

    /// <summary>The rooms with clients of this gateway.</summary>
    public int SubscribedRooms => _services.Rooms.Rooms;

    /// <summary>Writes of its clients that wait for their ack.</summary>
    public int Unacked => _services.Rooms.Unacked;

    /// <summary>Writes of its clients that were acked, since the start.</summary>
    public long Acked => _services.Rooms.Acked;

    /// <summary>What simulations and tests open connections with, below HTTP.</summary>
    internal ConnectionRegistry Registry => _registry;

    /// <summary>The subscriptions to rooms.</summary>
    internal Subscriptions Rooms => _services.Rooms;

    /// <summary>Gives the gateway its endpoints.</summary>
    /// <param name="app">The application. Its CORS policy is the host's.</param>
    /// <param name="allowedOrigins">The origins that browsers may connect from; empty for any.</param>
    public void Map(WebApplication app, IReadOnlyCollection<string> allowedOrigins)
    {
        // Files come before routing: once an endpoint is chosen, no file is served.
        WebApp.Use(app, context => !_services.KeptOut.IsOut(context.Connection.RemoteIpAddress));
        app.UseRouting();
        app.UseCors();
        BlockedRequests.Use(app, _services.KeptOut);
        app.Use(AnswerBadRequestsAsync);
        var credentials = new RequestCredentials(allowedOrigins);
        var sockets = new WebSocketEndpoint(_registry, _services, credentials);
        var api = new RoomApi(_services, credentials);

        var clients = app.MapGroup(string.Empty).WithMetadata(ForClients.Instance);

        // CONNECT is how WebSockets come over HTTP/2.
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        clients.MapMethods("/ws", methods, sockets.HandleJsonAsync);
        clients.MapMethods("/plain", methods, sockets.HandlePlainAsync);
        clients.MapMethods("/", methods, context => WebSocketHandshake.Offers(context.Request, WebSocketHandshake.Subprotocol)
            ? sockets.HandleJsonAsync(context)
            : sockets.HandlePlainAsync(context));
        api.Map(clients);
        OpenApiDocument.Map(clients);
        clients.MapRead("/api/rooms/{room}/events", context => api.WithRoom(
            context, (http, room, who) => SseEndpoint.HandleAsync(http, room, who, _registry, _services)));
    }

    /// <summary>
    /// Reads who is kept out, and begins what runs beside the connections. Before clients can come; while the list is not known, they are not let in.
    /// </summary>
    public Task StartAsync()
    {
        _services.Audit?.Start();
        return _services.KeptOut.StartAsync();
    }

    /// <summary>Ends what <see cref="StartAsync"/> has begun, when all clients are gone: what is left for the audit is written, for some seconds at most.</summary>
    public async Task StopAsync()
    {
        await _services.KeptOut.StopAsync();
        if (_services.Audit is { } audit)
        {
            await audit.StopAsync();
        }
    }

    /// <summary>Carries out an order of an operator.</summary>
    public Task<GatewayReport> ExecuteAsync(GatewayOrder order) => new GatewayOperator(_registry, _services).ExecuteAsync(order);

    /// <summary>Takes no new connections from now on.</summary>
    public void BeginDrain() => _services.Drain.Begin();

    /// <summary>Leaves: no new connections, clients sent elsewhere, acks waited for, then closed.</summary>
    /// <param name="grace">The time that all of it may take.</param>
    public Task DrainAsync(TimeSpan grace)
    {
        var cluster = _services.Cluster;
        return _registry.DrainAsync(() => cluster.View.Nodes.Any(n => n.Id != cluster.Self && n.Offers(NodeRoles.Gateway)), grace);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registry.Dispose();
        _services.Rooms.Dispose();
        _services.Limits.Dispose();
    }

    private static async Task AnswerBadRequestsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, error.StatusCode, new ProtocolError(ErrorCode.BadRequest, error.Message));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
    }
}
