namespace ClusterChat.Cluster.Arbiter;

/// <summary>Why a node has to end its process.</summary>
public enum EvictionReason
{
    /// <summary>Its row is gone from the table: the others hold it for dead and have thrown it out.</summary>
    Evicted,

    /// <summary>
    /// It found itself in a cluster apart from the one that the table knows: whoever founded its own died before that stood in the table.
    /// </summary>
    Apart,

    /// <summary>The other members told it that it is down, before it had read that in the table.</summary>
    Down,
}

/// <summary>Tells a node that it is no member any more. It must end its process at once, with a failing exit code; a new start joins again.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why.</param>
/// <param name="View">The number of the view in which it was noticed.</param>
public sealed record EvictionNotice(NodeKey Node, string Name, EvictionReason Reason, long View)
{
    /// <inheritdoc/>
    public override string ToString() => Reason switch
    {
        EvictionReason.Apart => $"{Name} ({Node.Address}) is in another cluster than the one that view {View} of the table of nodes knows",
        EvictionReason.Down => $"{Name} ({Node.Address}) was evicted: the other members said so, after view {View} of the table of nodes",
        _ => $"{Name} ({Node.Address}) was evicted: it is not in view {View} of the table of nodes",
    };
}
