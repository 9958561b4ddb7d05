using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Tests;

/// <summary>What a node knows of the views of the cluster.</summary>
internal sealed class TestViews : IClusterViews
{
    public long? Number { get; set; } = 0;

    /// <summary>How often a newer view was looked for.</summary>
    public int Refreshes { get; private set; }

    public void Refresh() => Refreshes++;
}
