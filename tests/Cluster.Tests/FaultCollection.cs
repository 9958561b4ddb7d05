namespace ClusterChat.Cluster.Tests;

/// <summary>What needs the machine for itself: many processes, and bounds on how long others may be held up.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "Faults";
}
