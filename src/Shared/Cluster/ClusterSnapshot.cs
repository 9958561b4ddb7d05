using ClusterChat.Cluster.Sharding;

namespace ClusterChat.Cluster;

/// <summary>A view, and what follows from it.</summary>
internal sealed class ClusterSnapshot
{
    public ClusterSnapshot(ClusterView view)
        : this(view, EarlierOwners.None, new ShardMap(view))
    {
    }

    private ClusterSnapshot(ClusterView view, EarlierOwners earlier, ShardMap map)
    {
        View = view;
        Map = map;
        Earlier = earlier;
        Nodes = view.Nodes.ToDictionary(n => n.Id, StringComparer.Ordinal);
    }

    public ClusterView View { get; }

    public ShardMap Map { get; }

    public EarlierOwners Earlier { get; }

    /// <summary>By <see cref="ClusterNode.Id"/>.</summary>
    public Dictionary<string, ClusterNode> Nodes { get; }

    /// <summary>The same nodes, none of which owns a room.</summary>
    public ClusterSnapshot WithoutOwners() => new(View, EarlierOwners.None, new ShardMap(View with { Nodes = [] }));

    public ClusterSnapshot Next(string self, ClusterView view, long timestamp)
    {
        var map = new ShardMap(view);
        return new ClusterSnapshot(view, Earlier.Next(self, Map, map, timestamp), map);
    }
}
