using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Http;
using ClusterChat.Gateway.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ClusterChat.Host;

/// <summary>
/// The listener of <see cref="NodeOptions.Management"/>: a web server of its own, so that nothing for clients can be reached
/// through it, nor what is for operators through theirs. It is the first to listen and the last to close: probes are answered
/// while the node waits for its storage, and while it drains. It has a few sockets of its own, so that neither clients nor those who open them and say
/// nothing keep a probe from its answer.
/// </summary>
internal sealed class ManagementServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile RequestDelegate _pipeline;

    private ManagementServer(string address, ILoggerFactory loggers, Action<IEndpointRouteBuilder> endpoints)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => HttpServer.Configure(kestrel, new GatewayOptions())).UseUrls(address);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(_ => ClientSockets.OfOperators(TimeProvider.System));
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.Services.AddRouting();

        // Signals are the node's to take.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        _app = builder.Build();
        _pipeline = Build(endpoints);
        _app.Run(context => _pipeline(context));
    }

    /// <summary>Where it listens.</summary>
    public string Address => string.Join(' ', _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses);

    /// <summary>Listens.</summary>
    /// <param name="address">The address.</param>
    /// <param name="loggers">The node's log.</param>
    /// <param name="endpoints">What is answered at first.</param>
    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task<ManagementServer> StartAsync(string address, ILoggerFactory loggers, Action<IEndpointRouteBuilder> endpoints)
    {
        var server = new ManagementServer(address, loggers, endpoints);
        try
        {
            // Not to be given up half way; it takes some milliseconds.
            await server._app.StartAsync(CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers these from now on, and nothing else.</summary>
    public void Serve(Action<IEndpointRouteBuilder> endpoints) => _pipeline = Build(endpoints);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private RequestDelegate Build(Action<IEndpointRouteBuilder> endpoints)
    {
        var app = new ApplicationBuilder(_app.Services);
        ClientSockets.Use(app);
        SafeAnswers.Use(app);
        return app.UseRouting().UseEndpoints(endpoints).Build();
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
