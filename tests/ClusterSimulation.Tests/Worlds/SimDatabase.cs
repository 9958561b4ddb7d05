using ClusterChat.Cluster.Arbiter;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>The database of the world: a host of the network that holds the table of nodes, and never forgets.</summary>
internal sealed class SimDatabase(SimWorld world)
{
    /// <summary>Its name in the network, for cuts.</summary>
    public const string Host = "db";

    /// <summary>The table as it stands.</summary>
    public NodeList List { get; private set; } = new(0, []);

    /// <summary>Nobody is answered.</summary>
    public bool IsAway { get; set; }

    /// <summary>Compare-and-set, as the port says.</summary>
    public bool TryChange(NodeChange change, string by)
    {
        if (change.ExpectedView != List.View)
            return false;
        List = List.With(change);
        world.Trace($"{by} changes the table to view {List.View}: {change.Put} without {string.Join(", ", change.Remove)}");
        return true;
    }
}
