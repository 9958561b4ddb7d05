namespace ClusterChat.Cluster.Membership;

/// <summary>What the agent tells the outside once each.</summary>
internal sealed class MembershipSignals
{
    public TaskCompletionSource<bool> Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>With what the node still does.</summary>
    public TaskCompletionSource<NodeRoles> Retired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<MembershipEnd> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
