namespace ClusterChat.Cluster.Membership;

/// <summary>Why a node is no member of the cluster any more, or should stop to be one.</summary>
public enum MembershipEndReason
{
    /// <summary>It was asked to leave, and has.</summary>
    Left,

    /// <summary>The others took it for dead and removed it.</summary>
    Removed,

    /// <summary>Another process has joined under its name.</summary>
    Replaced,

    /// <summary>Others reach the database and this node does not. It can still drain.</summary>
    StoreUnreachable,

    /// <summary>
    /// The table of nodes has a lower view number than before: the database was replaced, or lost commits. What this node
    /// knows is not the cluster's history any more.
    /// </summary>
    StoreWentBack,

    /// <summary>It only serves clients, and alone of all nodes cannot reach an owner of rooms. It can still drain.</summary>
    OwnerUnreachable,

    /// <summary>It could not reach all members in time, so it never joined.</summary>
    CouldNotJoin,

    /// <summary>The program has a bug; the log says which.</summary>
    Failed,
}

/// <summary>The end of a membership.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Detail">For the log: which nodes, for example.</param>
public sealed record MembershipEnd(MembershipEndReason Reason, string Detail)
{
    /// <summary>Whether the process should exit with a failing code.</summary>
    public bool IsFailure => Reason != MembershipEndReason.Left;

    /// <summary>
    /// Whether the node is still a member, as far as it can tell: it should send its clients elsewhere, then
    /// <see cref="ClusterMembership.LeaveAsync"/>.
    /// </summary>
    public bool MayDrain => Reason is MembershipEndReason.StoreUnreachable or MembershipEndReason.OwnerUnreachable;
}
