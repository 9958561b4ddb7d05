using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>What <see cref="MembershipAgent"/> is told.</summary>
internal abstract record MembershipMessage;

/// <summary>An interval has passed.</summary>
internal sealed record HeartbeatDue : MembershipMessage;

/// <summary>The pause after a failed call is over.</summary>
internal sealed record RetryDue : MembershipMessage;

/// <summary>A call took too long. Its effect, should it still come, does no harm.</summary>
internal sealed record StoreTimedOut(int Call) : MembershipMessage;

/// <summary>A call was answered.</summary>
/// <param name="Call">Its number.</param>
/// <param name="Apply">What follows; runs in a turn of the agent, unless the call had timed out.</param>
internal sealed record StoreAnswered(int Call, Action Apply) : MembershipMessage;

/// <summary>A call failed.</summary>
internal sealed record StoreFailed(int Call, Exception Error) : MembershipMessage;

/// <summary>See <see cref="ClusterMembership.PeerChanged"/>.</summary>
internal sealed record LinkReported(string Peer, LinkState State) : MembershipMessage;

/// <summary>See <see cref="ClusterMembership.Receive"/>.</summary>
internal sealed record AliveReported(string Peer, AliveLink Alive) : MembershipMessage;

/// <summary>See <see cref="ClusterMembership.SeenView"/>.</summary>
internal sealed record NewerViewSeen(long Number) : MembershipMessage;

/// <summary>See <see cref="ClusterMembership.RetireAsync"/>.</summary>
internal sealed record RetireRequested : MembershipMessage;

/// <summary>See <see cref="ClusterMembership.LeaveAsync"/>.</summary>
internal sealed record LeaveRequested : MembershipMessage;

/// <summary>Leaving took too long.</summary>
internal sealed record LeaveTimedOut : MembershipMessage;
