using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Host;

/// <summary>A node's part in its cluster: one process alone, or one of several.</summary>
internal interface INodeCluster : IAsyncDisposable
{
    /// <summary>The way to the rooms.</summary>
    IRoomCluster Engine { get; }

    /// <summary>The way to the gateways.</summary>
    IGatewayLinks Gateways { get; }

    /// <summary>The way from operators to the gateways.</summary>
    IGatewayOrders Orders { get; }

    /// <summary>The way to rooms' next owners; null for a node that is alone.</summary>
    IRoomHandovers? Handovers { get; }

    /// <summary>The number under which this node opens a room; null where it does not own it.</summary>
    long? OwnedUnder(string room);

    /// <summary>Whether the node is a member.</summary>
    bool HasJoined { get; }

    /// <summary>See <see cref="ClusterMembership.StoreSilence"/>; null where the node asks nothing.</summary>
    TimeSpan? StoreSilence { get; }

    /// <summary>Completes when the node is no member any more, or should stop to be one.</summary>
    Task<MembershipEnd> Ended { get; }

    /// <summary>Says where messages for this node's rooms go. Before <see cref="JoinAsync"/>; not for a node without rooms.</summary>
    void Attach(IRoomRegion region);

    /// <summary>Joins, and completes when that is done.</summary>
    /// <exception cref="InvalidOperationException">It came to nothing; the message says why.</exception>
    Task JoinAsync(CancellationToken cancellationToken);

    /// <summary>See <see cref="ClusterMembership.RetireAsync"/>.</summary>
    Task<NodeRoles> RetireAsync();

    /// <summary>Leaves; what was sent goes out first.</summary>
    Task LeaveAsync();
}
