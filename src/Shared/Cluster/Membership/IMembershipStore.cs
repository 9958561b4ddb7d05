namespace ClusterChat.Cluster.Membership;

/// <summary>
/// The table of nodes in the database, which is the arbiter of who is in the cluster.
/// </summary>
/// <remarks>
/// What every adapter guarantees:
/// <list type="bullet">
/// <item><b>One order of views.</b> Each change of the list of nodes names the view number that it was decided
/// under, takes effect only if that is still the present one, and raises it by one: compare-and-set.</item>
/// <item><b>No clock.</b> Nothing depends on the database's time. Heartbeats are counters; who watches them does so
/// by its own monotonic clock.</item>
/// <item><b>Consistent reads.</b> A table that is returned stood in the database like that at one moment.</item>
/// <item>A call that fails may have taken effect; all of them can be repeated.</item>
/// </list>
/// </remarks>
public interface IMembershipStore
{
    /// <summary>
    /// Sets this node's heartbeat counter, if the node is in the table under this incarnation, and reads the table
    /// in the same round trip. That a node is not in it any more shows in the table.
    /// </summary>
    /// <param name="node">The node's <see cref="ClusterNode.Id"/>.</param>
    /// <param name="heartbeat">
    /// Higher than all before. A lower one than is stored came late and changes nothing: counters only grow.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="MembershipUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask<MembershipTable> HeartbeatAsync(string node, long heartbeat, CancellationToken cancellationToken);

    /// <summary>Reads the table.</summary>
    /// <exception cref="MembershipUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask<MembershipTable> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes the list of nodes: removes, then adds or replaces (by name), and drops the votes that concern nodes
    /// which are in it no longer. A node that is added starts with heartbeat 0. To remove who is not there is no
    /// error; a change that changes no node still takes its number.
    /// </summary>
    /// <returns>False: the view has another number by now, and nothing was changed.</returns>
    /// <exception cref="MembershipUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask<bool> TryChangeAsync(MembershipChange change, CancellationToken cancellationToken);

    /// <summary>
    /// Records that one node holds another one for dead, or takes that back. Votes name incarnations, so they die
    /// with either of the two; one that concerns a node which is not in the table is not recorded.
    /// </summary>
    /// <exception cref="MembershipUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask VoteAsync(MembershipVote vote, bool holds, CancellationToken cancellationToken);
}

/// <summary>The table of nodes at one moment.</summary>
/// <param name="View">The number of the view; 0 before the first node.</param>
/// <param name="Nodes">The nodes, sorted by name (ordinal).</param>
/// <param name="Votes">The votes that stand.</param>
public sealed record MembershipTable(long View, IReadOnlyList<MemberNode> Nodes, IReadOnlyList<MembershipVote> Votes)
{
    /// <summary>The row of a node by its <see cref="ClusterNode.Id"/>.</summary>
    public MemberNode? Find(string id) => Nodes.FirstOrDefault(n => n.Node.Id == id);

    /// <summary>
    /// The table after a change that was decided on it: what every adapter leaves behind. Whose change was accepted
    /// knows the new list without reading it.
    /// </summary>
    public MembershipTable With(MembershipChange change)
    {
        var nodes = Nodes.Where(n => !change.Remove.Contains(n.Node.Id, StringComparer.Ordinal) && n.Node.Name != change.Add?.Name);
        if (change.Add is { } added)
            nodes = nodes.Append(new MemberNode(added, 0));
        var sorted = nodes.OrderBy(n => n.Node.Name, StringComparer.Ordinal).ToList();
        var present = sorted.Select(n => n.Node.Id).ToHashSet(StringComparer.Ordinal);
        return new MembershipTable(View + 1, sorted, [.. Votes.Where(v => present.Contains(v.Suspect) && present.Contains(v.Voter))]);
    }

    /// <summary>The view that it stands for.</summary>
    public ClusterView ToView() => new(View, [.. Nodes.Select(n => n.Node)]);
}

/// <summary>A node's row.</summary>
/// <param name="Node">The node.</param>
/// <param name="Heartbeat">Its counter.</param>
public sealed record MemberNode(ClusterNode Node, long Heartbeat);

/// <summary>A vote that a node is dead.</summary>
/// <param name="Suspect">The <see cref="ClusterNode.Id"/> of the node that is held for dead.</param>
/// <param name="Voter">The <see cref="ClusterNode.Id"/> of the node that says so.</param>
public sealed record MembershipVote(string Suspect, string Voter);

/// <summary>A change of the list of nodes.</summary>
/// <param name="ExpectedView">The number of the view that it was decided under.</param>
/// <param name="Add">A node that comes, in place of an earlier incarnation of the same name; null for none.</param>
/// <param name="Remove">The <see cref="ClusterNode.Id"/>s of nodes that go.</param>
public sealed record MembershipChange(long ExpectedView, ClusterNode? Add, IReadOnlyList<string> Remove);

/// <summary>The table of nodes cannot be reached. Try again later; nobody is evicted meanwhile.</summary>
public sealed class MembershipUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
