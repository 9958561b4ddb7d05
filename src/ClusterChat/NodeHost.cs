using Akka.Actor;
using Akka.Hosting;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging.Console;

namespace ClusterChat.Host;

/// <summary>Puts a node together, runs it, and takes it apart again in the right order.</summary>
internal static class NodeHost
{
    public const string DefaultUrls = "http://localhost:8080";

    /// <summary>Reads the configuration; nothing starts yet.</summary>
    /// <param name="settings">What wins over all else, by key.</param>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        if (builder.Configuration["urls"] is null)
        {
            builder.Configuration.AddInMemoryCollection([new("urls", DefaultUrls)]);
        }

        builder.Configuration.AddInMemoryCollection(settings);
        return builder;
    }

    /// <summary>Says what is wrong with the options.</summary>
    public static async Task SayAsync(IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync(error);
        }
    }

    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = CreateBuilder(settings);
        var (options, errors) = OptionRules.Read(builder.Configuration);
        if (errors.Count > 0)
        {
            await SayAsync(errors);
            return ExitCodes.WrongOptions;
        }

        Configure(builder, options);
        await using var app = builder.Build();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ClusterChat.Node");
        try
        {
            return await RunAsync(app, options, logger, cancellationToken);
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // It was not running yet: nothing to finish.
            logger.Stopped(options.Name);
            return ExitCodes.Stopped;
        }
        catch (Exception error) when (error is StorageStartException or ArbiterException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // An address in use, a folder that is not ours, a database of a newer version: no stack trace helps.
            logger.StartFailed(error.Message);
            return ExitCodes.Failed;
        }
    }

    private static void Configure(WebApplicationBuilder builder, NodeOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel => HttpServer.Configure(kestrel, options.Limits));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(services => new ClientSockets(
            options.Limits, ProxyHeaders.Networks(options.Proxy), TimeProvider.System, services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
        builder.Services.AddSingleton(new ClientOutput(options.Limits, TimeProvider.System));
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.Services.AddRouting();
        builder.Services.AddMetrics();
        if (options.Telemetry.OtlpEndpoint is not null)
        {
            OtlpExport.Add(builder, options);
        }

        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            policy.AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("X-Guest-Session", "X-User-Id", "Retry-After");

            // Whose pages may connect may use the cookie of their user; without a list nobody's may.
            _ = options.AllowedOrigins.Count == 0 ? policy.AllowAnyOrigin() : policy.WithOrigins([.. options.AllowedOrigins]).AllowCredentials();
        }));

        // The slim builder has chosen the simple format by itself, whatever the configuration says.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName = builder.Configuration[OptionRules.LogFormat] ?? console.FormatterName);
        builder.Services.AddSingleton<NodeSetupHolder>();
        builder.Services.AddAkka(options.ClusterName, (akka, services) => AkkaConfiguration.Configure(
            akka, services.GetRequiredService<NodeSetupHolder>().Setup, services.GetRequiredService<ILoggerFactory>()));
        LogTime.Add(builder.Services);
        BoundedLoggerFactory.Add(builder.Services, options.Log);
        builder.Services.AddSingleton<NodeLifetime>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeLifetime>());

        if (options.Management is not null && !ClusterOptionRules.Roles(options.Roles)!.Value.HasFlag(NodeRoles.Gateway))
        {
            builder.Services.AddSingleton<IServer, NoServer>();
        }

        // The drain keeps to its grace period by itself; this is what remains for the rest.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Limits.DrainGrace + TimeSpan.FromSeconds(5));
    }

    private static async Task<int> RunAsync(WebApplication app, NodeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var meters = app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var clock = TimeProvider.System;
        using var metrics = new MetricsCollector(meters, loggers.CreateLogger<MetricsCollector>());
        ProcessMetrics.Watch(meters);
        (loggers as BoundedLoggerFactory)?.Watch(meters);
        if (OpenFiles.Limit is { } files && options.Limits.MaxConnections > ClientSockets.MostConnections)
        {
            options.Limits.MaxConnections = ClientSockets.MostConnections;
            logger.FewerConnections(ClientSockets.MostConnections, files);
        }

        if (options.EndWithInput)
        {
            InputWatch.Start(app.Lifetime, logger);
        }

        var lifetime = app.Services.GetRequiredService<NodeLifetime>();
        await using var management = await StartManagementAsync(options.Management, loggers, MapAtFirst, logger);

        // The host takes signals only once it has started; before, whoever waits for the storage is to end as well.
        using var terminated = new SignalWatch(app.Lifetime.StopApplication);
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
        await using var storage = NodeStorage.Create(options, clock, loggers, meters);
        await storage.StartAsync(starting.Token);
        using var setup = await NodeSetup.CreateAsync(options, storage, clock, loggers, new NodeDiagnostics(meters, app.Services.GetService<MessageTraces>()), starting.Token);
        setup.Output = app.Services.GetRequiredService<ClientOutput>();
        app.Services.GetRequiredService<NodeSetupHolder>().Setup = setup;
        await using var parts = await NodeParts.CreateAsync(setup, app.Services.GetRequiredService<ActorSystem>(), app.Services.GetRequiredService<ClientSockets>(), loggers);
        lifetime.Parts = parts;
        _ = new NodeMetrics(meters, options, parts, setup.Arbiter.View, () => setup.Table.Silence, () => lifetime.NotReady is null);
        ClientSockets.Use(app);
        SafeAnswers.Use(app);
        ProxyHeaders.Use(app, options.Proxy, logger);
        parts.Map(app);
        if (management is null)
        {
            MapProbes(app);
            MapPages(parts.Guarded(app));
            parts.MapAdmin(app);
        }
        else
        {
            management.Serve(endpoints =>
            {
                MapProbes(endpoints);
                MapPages(endpoints);
                parts.MapAdmin(endpoints);
            });
        }

        logger.Starting(options.Name, storage.Place);
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        logger.Stopped(options.Name);
        return ExitCodes.Stopped;

        void MapProbes(IEndpointRouteBuilder endpoints) => HealthEndpoints.Map(endpoints, () => lifetime.NotReady);

        // On the management port, what is answered from the first moment on.
        void MapAtFirst(IEndpointRouteBuilder endpoints)
        {
            MapProbes(endpoints);
            MetricsEndpoint.Map(endpoints, metrics);
        }

        void MapPages(IEndpointRouteBuilder endpoints)
        {
            MetricsEndpoint.Map(endpoints, metrics);
            parts.MapPages(endpoints, () => lifetime.NotReady);
        }
    }

    private static async Task<ManagementServer?> StartManagementAsync(
        string? address, ILoggerFactory loggers, Action<IEndpointRouteBuilder> endpoints, ILogger logger)
    {
        if (address is null)
        {
            return null;
        }

        var server = await ManagementServer.StartAsync(address, loggers, endpoints);
        logger.Management(server.Address);
        return server;
    }

    /// <summary>Hands the setup, which is there only once the storage is, to the making of the actor system.</summary>
    private sealed class NodeSetupHolder
    {
        private NodeSetup? _setup;

        public NodeSetup Setup
        {
            get => _setup ?? throw new InvalidOperationException("The node has no setup yet.");
            set => _setup = value;
        }
    }
}
