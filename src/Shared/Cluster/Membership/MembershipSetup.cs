using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>What a node's membership works with.</summary>
/// <param name="Self">The node; its links listen already.</param>
/// <param name="Store">The table of nodes.</param>
/// <param name="Links">
/// The connections to the others. The agent calls <see cref="INodeLinks.SetPeers"/> and sends
/// <see cref="AliveLink"/>s; whoever is attached passes on what it hears to
/// <see cref="ClusterMembership.PeerChanged"/> and <see cref="ClusterMembership.Receive"/>.
/// </param>
/// <param name="Options">The limits.</param>
public sealed record MembershipSetup(ClusterNode Self, IMembershipStore Store, INodeLinks Links, MembershipOptions Options)
{
    /// <summary>
    /// Called with each new view in which the node is a member, before the links change and before anybody else knows
    /// of it; in a turn of the agent, so it must not block.
    /// </summary>
    public Action<ClusterView>? OnView { get; init; }

    /// <summary>
    /// Called once, when the node is no member any more, before anybody else knows of it; in a turn of the agent, so it must not
    /// block. Not where it should leave and is a member still.
    /// </summary>
    public Action? OnEnd { get; init; }
}
