using System.Globalization;
using Akka.Actor;
using Akka.Cluster;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>Between Akka's addresses and the table's.</summary>
internal static class NodeKeys
{
    /// <summary>One order for all nodes, and none that depends on hash codes.</summary>
    public static readonly IComparer<NodeKey> Order = Comparer<NodeKey>.Create((a, b) =>
        string.CompareOrdinal(a.Address, b.Address) is var order and not 0 ? order : a.Uid.CompareTo(b.Uid));

    public static NodeKey Of(UniqueAddress address) => new(Of(address.Address), address.Uid);

    public static string Of(Address address) => string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");

    /// <summary>The address of another node of the same system.</summary>
    public static Address ToAddress(this NodeKey key, Address self)
    {
        var colon = key.Address.LastIndexOf(':');
        return new Address(self.Protocol, self.System, key.Address[..colon], int.Parse(key.Address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }
}
