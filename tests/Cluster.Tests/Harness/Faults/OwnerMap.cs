using ClusterChat.Cluster.Engine;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>Who owns which room, once all is settled.</summary>
/// <param name="owners">The names of the nodes that own rooms, by the addresses where others reach them.</param>
internal sealed class OwnerMap(IReadOnlyDictionary<string, string> owners)
{
    public string? OwnerOf(string room) => owners.Count == 0 ? null : owners[RoomSharding.HomeOf(room, owners.Keys)];
}
