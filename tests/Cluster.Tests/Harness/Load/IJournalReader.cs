using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>Reads the store itself, past all nodes.</summary>
internal interface IJournalReader
{
    /// <summary>All that the store holds of these rooms; those that it does not know are left out.</summary>
    Task<IReadOnlyList<JournaledRoom>> ReadAsync(IReadOnlyCollection<string> rooms);
}
