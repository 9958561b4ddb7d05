using ClusterChat.Gateway;

namespace ClusterChat.Host;

/// <summary>Drains the gateway when the process is asked to stop, before the web server closes its doors.</summary>
internal sealed class NodeLifetime(ILogger<NodeLifetime> logger, Microsoft.AspNetCore.Hosting.Server.IServer server) : IHostedLifecycleService
{
    public GatewayNode? Gateway { get; set; }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()?.Addresses ?? [];
        logger.Ready(string.Join(' ', addresses));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Gateway?.DrainAsync() ?? Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
