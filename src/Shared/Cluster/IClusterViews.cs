namespace ClusterChat.Cluster;

/// <summary>What this node knows of the numbered views of the cluster, by which the journal tells who may open a room. Any thread.</summary>
public interface IClusterViews
{
    /// <summary>The newest view that this node is a member under; it only grows. Null where it is no member (yet, or any more).</summary>
    long? Number { get; }

    /// <summary>Somebody knows a newer one: it is looked for, soon.</summary>
    void Refresh();
}
