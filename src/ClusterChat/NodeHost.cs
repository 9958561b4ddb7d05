using System.Security.Cryptography;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Gateway;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.Storage;

namespace ClusterChat.Host;

/// <summary>Puts a node together, runs it, and takes it apart again in the right order.</summary>
internal static class NodeHost
{
    private const int SecretBytes = 32;

    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["urls"] ??= "http://localhost:8080";
        builder.Configuration.AddInMemoryCollection(settings);
        var (options, errors) = OptionRules.Read(builder.Configuration);
        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync(error);
            }

            return ExitCodes.WrongOptions;
        }

        Configure(builder, options);
        await using var app = builder.Build();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ClusterChat.Node");
        try
        {
            await RunAsync(app, options, logger, cancellationToken);
            return ExitCodes.Stopped;
        }
        catch (Exception error) when (error is StorageStartException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // An address in use, a folder that is not ours, a database of a newer version: no stack trace helps.
            logger.StartFailed(error.Message);
            return ExitCodes.Failed;
        }
    }

    private static void Configure(WebApplicationBuilder builder, NodeOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRouting();
        builder.Services.AddMetrics();
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            policy.AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("X-Guest-Session", "Retry-After");
            _ = options.AllowedOrigins.Count == 0 ? policy.AllowAnyOrigin() : policy.WithOrigins([.. options.AllowedOrigins]);
        }));
        builder.Services.AddSingleton<NodeLifetime>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeLifetime>());

        // The drain keeps to its grace period by itself; this is what remains for the rest.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Limits.DrainGrace + TimeSpan.FromSeconds(5));
    }

    private static async Task RunAsync(WebApplication app, NodeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var meters = app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var clock = TimeProvider.System;
        await using var storage = NodeStorage.Create(options, clock, loggers, meters);
        await storage.StartAsync(cancellationToken);
        var secret = await storage.Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(SecretBytes), cancellationToken);

        var dispatcher = ThreadPoolDispatcher.Instance;

        // Two systems, since they end one after the other: gateways take leave of the rooms.
        var roomActors = new ActorSystem(dispatcher, clock, loggers.CreateLogger<ActorSystem>(), meters);
        var gatewayActors = new ActorSystem(dispatcher, clock, loggers.CreateLogger<ActorSystem>(), meters);
        var node = new ClusterNode(options.Name, RandomId(), NodeRoles.Gateway | NodeRoles.Rooms);
        var cluster = new LocalRoomCluster(node);
        using var region = new RoomRegion(roomActors, storage.Journal, cluster, () => cluster.View.Number, options.Rooms, RandomId, loggers.CreateLogger<RoomRegion>());
        cluster.Attach(region);
        using var gateway = new GatewayNode(
            gatewayActors,
            dispatcher,
            cluster,
            options.Limits,
            new GatewaySetup(options.Name, secret, () => RandomNumberGenerator.GetBytes(16)),
            loggers.CreateLogger<GatewayNode>());

        gateway.Map(app, [.. options.AllowedOrigins]);
        app.Services.GetRequiredService<NodeLifetime>().Gateway = gateway;
        logger.Starting(options.Name, storage.Place);
        await app.RunAsync(cancellationToken);
        await gatewayActors.StopAsync();
        await roomActors.StopAsync();
        logger.Stopped(options.Name);
    }

    private static string RandomId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
