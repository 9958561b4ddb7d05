using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway;

/// <summary>
/// What a node does when it is asked to stop, before it closes its doors: it gives its rooms to others, sends its clients
/// elsewhere, and waits for what is under way.
/// </summary>
/// <param name="gateway">Null where the node takes no clients.</param>
/// <param name="cluster">The way to the rooms.</param>
/// <param name="activeRooms">How many rooms are active here; null where the node owns none.</param>
/// <param name="limits">How long all of it may take.</param>
/// <param name="clock">The clock of all waits.</param>
public sealed class NodeDrain(GatewayNode? gateway, IRoomCluster cluster, Func<int>? activeRooms, GatewayOptions limits, TimeProvider clock)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private readonly long _start = clock.GetTimestamp();

    /// <summary>How long the node tries to give its rooms away.</summary>
    public TimeSpan RetireLimit => limits.DrainGrace / 4;

    private TimeSpan Left => limits.DrainGrace - clock.GetElapsedTime(_start);

    /// <summary>Does it, within <see cref="GatewayOptions.DrainGrace"/>. Never throws.</summary>
    /// <param name="ended">Completes when the node is no member any more, or should stop to be one.</param>
    /// <param name="retire">See <see cref="ClusterMembership.RetireAsync"/>.</param>
    /// <returns>False: the rooms could not be given away in time.</returns>
    public async Task<bool> RunAsync(Task<MembershipEnd> ended, Func<Task<NodeRoles>> retire)
    {
        gateway?.BeginDrain();
        var isOutside = ended.IsCompleted && !(await ended).MayDrain;
        var isCutOff = ended.IsCompleted && !isOutside;
        var roles = isOutside ? NodeRoles.None : await RetireAsync(retire());
        if (gateway is not null)
        {
            // Who is no member any more has nothing to wait for: its clients are to come again elsewhere, at once. Who leaves
            // since an owner or the database is out of reach keeps its clients waiting: they are spread over less time.
            await gateway.DrainAsync(isOutside ? limits.CloseTimeout / 4 : isCutOff ? Left / 3 : Left);
        }

        if (!isOutside)
        {
            // Others that leave at the same time still need the rooms that stayed here for their clients' acks.
            await WaitAsync(() => roles is null or NodeRoles.None || !cluster.View.Nodes.Any(n => n.Roles == NodeRoles.None), Left);
        }

        return roles is not null;
    }

    /// <summary>Gives the rooms to other nodes, and waits until those here have finished what is under way.</summary>
    private async Task<NodeRoles?> RetireAsync(Task<NodeRoles> retired)
    {
        // Looked at and not awaited with a limit: that would leave the thread of a simulation.
        if (!await WaitAsync(() => retired.IsCompleted, RetireLimit))
        {
            return null;
        }

        var roles = await retired;
        if (activeRooms is not null && !roles.HasFlag(NodeRoles.Rooms))
        {
            await WaitAsync(() => activeRooms() == 0, RetireLimit);
        }

        return roles;
    }

    private async Task<bool> WaitAsync(Func<bool> done, TimeSpan most)
    {
        var since = clock.GetTimestamp();
        while (!done())
        {
            if (clock.GetElapsedTime(since) >= most)
            {
                return false;
            }

            await Task.Delay(Poll, clock);
        }

        return true;
    }
}
