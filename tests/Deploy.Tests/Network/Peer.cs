namespace ClusterChat.Deploy.Tests.Network;

/// <summary>Who may speak with whom: a pod somewhere, or an address outside.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Namespace">Null outside.</param>
/// <param name="Labels">Of the pod.</param>
/// <param name="Address">Outside: the address.</param>
internal sealed record Peer(string Name, string? Namespace, IReadOnlyDictionary<string, string> Labels, string? Address = null)
{
    public static Peer In(string space, string name, params (string Key, string Value)[] labels)
        => new(name, space, labels.ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal));

    public static Peer Outside(string name, string address) => new(name, null, new Dictionary<string, string>(StringComparer.Ordinal), address);
}
