using ClusterChat.Cluster;
using ClusterChat.Gateway;
using ClusterChat.Gateway.Http;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.Host;

/// <summary>
/// Joins the cluster once the web server listens; and when the process is asked to stop, gives the rooms away and drains
/// the gateway, before the web server closes its doors.
/// </summary>
internal sealed class NodeLifetime(ILogger<NodeLifetime> logger, Microsoft.AspNetCore.Hosting.Server.IServer server) : IHostedLifecycleService
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private volatile bool _leaving;

    /// <summary>Set before the host starts.</summary>
    public NodeParts Parts { get; set; } = null!;

    /// <summary>See <see cref="NodeEndpoints"/>.</summary>
    public string? NotReady => _leaving ? NodeStates.Draining : Parts.Cluster.HasJoined ? null : NodeStates.Joining;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Parts.Cluster.JoinAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        var addresses = server.Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()?.Addresses ?? [];
        logger.Ready(string.Join(' ', addresses));
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var clock = Parts.Clock;
        var start = clock.GetTimestamp();
        _leaving = true;
        Parts.Gateway?.BeginDrain();
        var end = Parts.Cluster.Ended;
        var outside = end.IsCompleted && !(await end).MayDrain;
        var roles = outside ? NodeRoles.None : await RetireAsync(Parts.Options.Limits.DrainGrace / 4);
        if (Parts.Gateway is { } gateway)
        {
            // Who is no member any more has nothing to wait for: its clients are to come again elsewhere, at once.
            await gateway.DrainAsync(outside ? Parts.Options.Limits.CloseTimeout / 4 : Left());
        }

        if (!outside)
        {
            // Others that leave at the same time still need the rooms that stayed here for their clients' acks.
            await WaitAsync(() => roles == NodeRoles.None || !Parts.Cluster.Engine.View.Nodes.Any(n => n.Roles == NodeRoles.None), Left());
        }

        TimeSpan Left() => Parts.Options.Limits.DrainGrace - clock.GetElapsedTime(start);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gives the rooms to other nodes, and waits until those here have finished what is under way.</summary>
    private async Task<NodeRoles> RetireAsync(TimeSpan most)
    {
        try
        {
            var roles = await Parts.Cluster.RetireAsync().WaitAsync(most, Parts.Clock);
            if (Parts.Region is { } region && !roles.HasFlag(NodeRoles.Rooms))
            {
                await WaitAsync(() => region.Count == 0, most);
            }

            return roles;
        }
        catch (TimeoutException)
        {
            logger.NotRetired(most);
            return NodeRoles.None;
        }
    }

    private async Task WaitAsync(Func<bool> done, TimeSpan most)
    {
        var since = Parts.Clock.GetTimestamp();
        while (!done() && Parts.Clock.GetElapsedTime(since) < most)
        {
            await Task.Delay(Poll, Parts.Clock);
        }
    }
}
