namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// The table of nodes in the database, which is the arbiter of who is in the cluster. A node that is not in it (any more) must not be
/// a member: the others down it, and it ends its process as soon as it learns of that.
/// </summary>
/// <remarks>
/// What every adapter guarantees:
/// <list type="bullet">
/// <item><b>One order of views.</b> Each change names the view number that it was decided under, takes effect only if
/// that is still the present one, and raises it by one: compare-and-set. So of two nodes that evict each other one wins, and who was evicted
/// can evict nobody.</item>
/// <item><b>No clock.</b> Nothing depends on the database's time.</item>
/// <item><b>Consistent reads.</b> A list that is returned stood in the database like that at one moment.</item>
/// <item>A call that fails may have taken effect; all of them can be repeated after a new look at the table.</item>
/// <item>No call runs blocking code on the thread pool, which the dispatchers of actors share.</item>
/// </list>
/// </remarks>
public interface INodeTable
{
    /// <summary>Reads the table.</summary>
    /// <exception cref="NodeTableUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes the table: removes, then adds or replaces (by <see cref="NodeRow.Key"/>). To remove who is not there is no error; a
    /// change that changes no row still takes its number.
    /// </summary>
    /// <returns>False: the view has another number by now, and nothing was changed.</returns>
    /// <exception cref="NodeTableUnavailableException">The database cannot be reached or did not answer in time.</exception>
    ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken);
}

/// <summary>Tells one start of a node from all others: Akka's unique address.</summary>
/// <param name="Address">Where others reach it: <c>host:port</c> of Akka.Remote.</param>
/// <param name="Uid">The uid of its actor system.</param>
public readonly record struct NodeKey(string Address, int Uid)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Address}#{Uid}");
}

/// <summary>How far a node has come.</summary>
public enum NodeState
{
    /// <summary>It listens, and forms the cluster or joins it. The numbers are stored: never reuse one.</summary>
    Joining = 1,

    /// <summary>It was a member that is up: where there is such a row, there is a cluster to join.</summary>
    Up = 2,
}

/// <summary>A node's row.</summary>
/// <param name="Key">Which start of which node.</param>
/// <param name="Name">Its name. Who registers sees to it that there is no other row with it.</param>
/// <param name="Roles">Its roles, ordered and separated by a comma; for people who read the table.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Since">
/// The number of the view that it came with. Of rows none of which is up, the one with the lowest number founds the cluster.
/// </param>
public sealed record NodeRow(NodeKey Key, string Name, string Roles, NodeState State, long Since);

/// <summary>The table at one moment.</summary>
/// <param name="View">How many changes there have been; 0 before the first node.</param>
/// <param name="Nodes">The rows, ordered by <see cref="NodeRow.Since"/>.</param>
public sealed record NodeList(long View, IReadOnlyList<NodeRow> Nodes)
{
    /// <summary>The row of a node; null if it is not there.</summary>
    public NodeRow? Find(NodeKey key) => Nodes.FirstOrDefault(n => n.Key == key);

    /// <summary>The table after a change that was decided on it: what every adapter leaves behind.</summary>
    public NodeList With(NodeChange change)
    {
        var nodes = Nodes.Where(n => !change.Remove.Contains(n.Key) && n.Key != change.Put?.Key);
        if (change.Put is { } put)
            nodes = nodes.Append(put);
        return new NodeList(View + 1, [.. nodes.OrderBy(n => n.Since).ThenBy(n => n.Name, StringComparer.Ordinal)]);
    }
}

/// <summary>A change of the table.</summary>
/// <param name="ExpectedView">The number of the view that it was decided under.</param>
/// <param name="Put">A row that is added, or takes the place of the one with the same key; null for none.</param>
/// <param name="Remove">Who goes.</param>
public sealed record NodeChange(long ExpectedView, NodeRow? Put, IReadOnlyList<NodeKey> Remove);

/// <summary>The table of nodes cannot be reached. Try again later; nobody is evicted meanwhile.</summary>
public sealed class NodeTableUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
