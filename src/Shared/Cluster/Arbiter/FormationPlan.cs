namespace ClusterChat.Cluster.Arbiter;

/// <summary>What a node that is not a member yet should do. Pure.</summary>
/// <param name="Founds">It founds the cluster.</param>
/// <param name="Contacts">Otherwise: whom it asks to be let in.</param>
internal sealed record FormationPlan(bool Founds, IReadOnlyList<NodeRow> Contacts)
{
    /// <summary>Decides on a table in which the node is.</summary>
    /// <remarks>
    /// At most one of those who read the same table founds, and nobody does where there is a cluster. Two nodes that read different
    /// tables may each found one: the first of the two dies, is evicted, and others are in its cluster already. Then the table decides
    /// whose cluster it is when the first one says there that it is up (<see cref="Strangers"/>).
    /// </remarks>
    public static FormationPlan Of(NodeKey self, NodeList list)
    {
        var up = list.Nodes.Where(n => n.State == NodeState.Up && n.Key != self).ToList();
        if (up.Count > 0)
            return new FormationPlan(false, up);
        var founder = list.Nodes.MinBy(n => n.Since);
        return founder is null || founder.Key == self ? new FormationPlan(true, []) : new FormationPlan(false, [founder]);
    }

    /// <summary>Who is up in the table but no member of this node's cluster: as long as there is somebody, this node must not say that it is up.</summary>
    public static IReadOnlyList<NodeRow> Strangers(NodeKey self, NodeList list, IReadOnlyCollection<NodeKey> members) =>
        [.. list.Nodes.Where(n => n.State == NodeState.Up && n.Key != self && !members.Contains(n.Key))];

    /// <summary>Those whose place a node takes that comes with this address: it holds the port, so they are dead.</summary>
    public static IReadOnlyList<NodeRow> Superseded(NodeKey self, NodeList list) =>
        [.. list.Nodes.Where(n => n.Key.Address == self.Address && n.Key != self)];
}
