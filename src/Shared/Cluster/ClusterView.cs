using System.Collections.Immutable;

namespace ClusterChat.Cluster;

/// <summary>What a node does.</summary>
[Flags]
public enum NodeRoles
{
    /// <summary>Nothing; not valid for a running node.</summary>
    None = 0,

    /// <summary>Terminates clients' connections.</summary>
    Gateway = 1,

    /// <summary>Owns rooms.</summary>
    Rooms = 2,
}

/// <summary>One process of the cluster.</summary>
/// <param name="Name">Its name, unique in the cluster.</param>
/// <param name="Incarnation">Tells this start of the process from every other one under the same name.</param>
/// <param name="Roles">What it does.</param>
/// <param name="Address">Where other nodes reach it: <c>host:port</c>.</param>
public sealed record ClusterNode(string Name, string Incarnation, NodeRoles Roles, string Address = "")
{
    /// <summary>Tells it from all other nodes and from other starts of itself.</summary>
    public string Id => $"{Name}/{Incarnation}";

    /// <summary>Whether it is on its way out: it still answers, and takes nothing new.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Whether it hears from the node that has the view; a node that is out of reach comes back, or is evicted.</summary>
    public bool IsReachable { get; init; } = true;

    /// <summary>Whether it has a role and is to stay.</summary>
    public bool Offers(NodeRoles role) => Roles.HasFlag(role) && !IsLeaving;
}

/// <summary>A numbered, immutable list of the nodes: never changed, only replaced by one of a higher number.</summary>
/// <param name="Number">Grows with every change.</param>
/// <param name="Nodes">Sorted by name.</param>
public sealed record ClusterView(long Number, ImmutableArray<ClusterNode> Nodes);
