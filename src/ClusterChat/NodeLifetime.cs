using ClusterChat.Gateway.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ClusterChat.Host;

/// <summary>
/// Joins the cluster once the web server listens; and when the process is asked to stop, runs the coordinated shutdown before the web server
/// closes its doors.
/// </summary>
internal sealed class NodeLifetime(ILogger<NodeLifetime> logger, IServer server) : IHostedLifecycleService
{
    private volatile bool _leaving;

    private volatile NodeParts? _parts;

    /// <summary>Set before the host starts.</summary>
    public NodeParts Parts
    {
        get => _parts ?? throw new InvalidOperationException("The node has no parts yet.");
        set => _parts = value;
    }

    /// <summary>See <see cref="HealthEndpoints"/>.</summary>
    public string? NotReady
        => _leaving ? NodeStates.Draining
        : _parts is not { } parts ? NodeStates.Starting
        : !parts.HasJoined ? NodeStates.Joining
        : parts.HasNoSpace ? NodeStates.NoSpace
        : parts.Gateway is { IsFull: true } ? NodeStates.Full : null;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Parts.JoinAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        if (server.Features.Get<IServerAddressesFeature>()?.Addresses is { } addresses)
        {
            logger.Ready(
                string.Join(' ', addresses),
                Parts.Options.Auth.NeedsToken() ? "who has a token can chat" : "guest mode: whoever can connect can chat");
        }
        else
        {
            logger.ReadyWithoutClients(Parts.Options.Name);
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _leaving = true;
        await Parts.StopAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
