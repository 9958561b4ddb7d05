using ClusterChat.Cluster.Tests.Harness.Load;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>The store that the nodes of a fleet share.</summary>
internal interface IFleetStore : IAsyncDisposable
{
    /// <summary>Reads it past the nodes.</summary>
    IJournalReader Journal { get; }

    /// <summary>Tells a node to use it.</summary>
    NodeOptions Use(NodeOptions options);
}
