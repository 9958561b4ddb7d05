namespace ClusterChat.Cluster;

/// <summary>The names of roles, in options, in the cluster and in what operators see.</summary>
public static class RoleNames
{
    /// <summary>The role of nodes that take clients.</summary>
    public const string Gateway = "gateway";

    /// <summary>The role of nodes that own rooms.</summary>
    public const string Rooms = "rooms";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<(NodeRoles Role, string Name)> All { get; } = [(NodeRoles.Gateway, Gateway), (NodeRoles.Rooms, Rooms)];

    /// <summary>A role by its name; none if there is no such role.</summary>
    public static NodeRoles Parse(string name) => All.FirstOrDefault(r => r.Name == name).Role;
}
