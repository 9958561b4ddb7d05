using System.Runtime.CompilerServices;

namespace ClusterChat.Cluster.Membership;

/// <summary>How fast a cluster notices that a node is gone, and how patient it is with its database.</summary>
public sealed record MembershipOptions
{
    /// <summary>
    /// How often a node raises its counter and reads the table. 1 s is what gossip protocols probe with (SWIM,
    /// Consul); for a database it is one small transaction a node and second.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a counter may stand still before its node counts as dead; at least four intervals. 5 s leaves room
    /// for one attempt that times out and for a pause of the garbage collector; a client gives up later than that.
    /// </summary>
    public TimeSpan FailureLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same for a node that refuses connections. It says how long one node has to watch who cannot find a
    /// second voter, since all others died as well; two voters need no such proof. 2.5 s is two heartbeats that did
    /// not come.
    /// </summary>
    public TimeSpan RefusedLimit { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// How long a call of the database may take; then it counts as failed. Healthy ones take milliseconds; with a
    /// second attempt it still fits into <see cref="FailureLimit"/>.
    /// </summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How soon a failed call is repeated. Short against <see cref="FailureLimit"/>, so that single failures cost
    /// nobody its place.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a node tries to reach all members before it gives up joining. Some time for others to be voted out
    /// or to come back; then an operator has to look at the network. A database that is away does not count.
    /// </summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a leaving node tries to remove itself; the others would find out anyway.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Successes further apart than this are not one run: something stood still in between, this process or the
    /// database, and perhaps for the others as well.
    /// </summary>
    internal TimeSpan MaxGap => HeartbeatInterval * 2;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; its name is in the message.</exception>
    public void Validate()
    {
        var least = TimeSpan.FromMilliseconds(1);
        AtLeast(HeartbeatInterval, least);
        AtLeast(StoreTimeout, least);
        AtLeast(RetryInterval, least);
        AtLeast(JoinTimeout, least);
        AtLeast(LeaveTimeout, least);
        AtLeast(FailureLimit, HeartbeatInterval * 4);
        AtLeast(RefusedLimit, HeartbeatInterval * 2);
    }

    private static void AtLeast(TimeSpan value, TimeSpan least, [CallerArgumentExpression(nameof(value))] string? option = null) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
}
