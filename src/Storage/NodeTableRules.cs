using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Storage;

/// <summary>What the adapters of <see cref="INodeTable"/> have in common.</summary>
internal static class NodeTableRules
{
    public const string LostView = "the table of nodes has lost its view's number";

    /// <summary>
    /// How long a transaction waits for another one, which takes milliseconds. Below all time-outs of calls, so that this
    /// reason is the one that is reported.
    /// </summary>
    public static readonly TimeSpan LockWait = TimeSpan.FromSeconds(1);

    public static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Refuses texts that one of the databases would cut or change: two rows could become one.</summary>
    /// <exception cref="ArgumentException">A text has a NUL or a lone surrogate.</exception>
    public static void ThrowUnlessText(NodeChange change)
    {
        IEnumerable<string> texts = change.Remove.Select(key => key.Address);
        if (change.Put is { } row)
            texts = texts.Concat([row.Key.Address, row.Name, row.Roles]);
        if (!texts.All(EntryRules.IsText))
            throw new ArgumentException("A text of a node's row cannot have a NUL or a lone surrogate.", nameof(change));
    }

    /// <summary>The rows in the port's order. Not by the database: it compares UTF-8 bytes, the port's order is that of UTF-16.</summary>
    public static NodeList List(long view, List<NodeRow> rows)
    {
        rows.Sort(static (a, b) =>
        {
            var order = a.Since.CompareTo(b.Since);
            if (order == 0)
                order = string.CompareOrdinal(a.Name, b.Name);

            // Names are unique where all goes well; readers are to see one order even where it does not.
            if (order == 0)
                order = string.CompareOrdinal(a.Key.Address, b.Key.Address);
            return order != 0 ? order : a.Key.Uid.CompareTo(b.Key.Uid);
        });
        return new NodeList(view, rows);
    }
}
