using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.TestKit;

/// <summary>A simulated node's part in its cluster: one process alone, or one of several.</summary>
internal interface ISimSeat
{
    IRoomCluster Engine { get; }

    IGatewayLinks Gateways { get; }

    /// <summary>The way to rooms' next owners; null for a node that is alone.</summary>
    IRoomHandovers? Handovers { get; }

    /// <summary>The number under which the node opens a room; null where it does not own it.</summary>
    long? OwnedUnder(string room);

    Task<MembershipEnd> Ended { get; }

    void Attach(IRoomRegion region);

    /// <returns>False: it came to nothing.</returns>
    Task<bool> JoinAsync();

    Task<NodeRoles> RetireAsync();

    Task LeaveAsync();
}
