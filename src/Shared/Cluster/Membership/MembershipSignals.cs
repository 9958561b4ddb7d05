namespace ClusterChat.Cluster.Membership;

/// <summary>What the agent tells the outside.</summary>
internal sealed class MembershipSignals(TimeProvider clock)
{
    private long _storeReachedAt = clock.GetTimestamp();

    /// <summary>How long ago the database answered; before the first time, how long this node has been waiting for that.</summary>
    public TimeSpan StoreSilence => clock.GetElapsedTime(Volatile.Read(ref _storeReachedAt));

    public TaskCompletionSource<bool> Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>With what the node still does.</summary>
    public TaskCompletionSource<NodeRoles> Retired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<MembershipEnd> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void StoreReached() => Volatile.Write(ref _storeReachedAt, clock.GetTimestamp());
}
