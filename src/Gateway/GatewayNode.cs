using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
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
            Authenticators.Create(setup.Auth, new GuestSessions(setup.ClusterSecret.Span, setup.RandomBytes, clock, setup.Auth.GuestSessionAge), clock, logger),
            new ClientLimits(options, clock),
            new DrainState(),
            () => Convert.ToHexStringLower(setup.RandomBytes()),
            logger)
        {
            Metrics = metrics,
            Input = setup.Sockets?.Input ?? UnfinishedInput.Unlimited(clock),
            Output = setup.Output ?? new ClientOutput(options, clock),
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
        WebApp.Use(app);
        app.UseRouting();
        app.UseCors();
        app.Use(AnswerBadRequestsAsync);
        var credentials = new RequestCredentials(allowedOrigins);
        var sockets = new WebSocketEndpoint(_registry, _services, credentials);
        var api = new RoomApi(_services, credentials);

        // CONNECT is how WebSockets come over HTTP/2.
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        app.MapMethods("/ws", methods, sockets.HandleJsonAsync);
        app.MapMethods("/plain", methods, sockets.HandlePlainAsync);
        app.MapMethods("/", methods, context => WebSocketHandshake.Offers(context.Request, WebSocketHandshake.Subprotocol)
            ? sockets.HandleJsonAsync(context)
            : sockets.HandlePlainAsync(context));
        api.Map(app);
        OpenApiDocument.Map(app);
        app.MapRead("/api/rooms/{room}/events", context => api.WithRoom(
            context, (http, room, who) => SseEndpoint.HandleAsync(http, room, who, _registry, _services)));
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
