namespace ClusterChat.Cluster.Membership;

/// <summary>What a node should do about those that it suspects.</summary>
/// <param name="Remove">Whom to remove, all in one change.</param>
/// <param name="Vote">Against whom to vote, as far as the vote is not in the table.</param>
/// <param name="Retract">Whose votes by this node to take back.</param>
public sealed record EvictionPlan(IReadOnlyList<string> Remove, IReadOnlyList<string> Vote, IReadOnlyList<string> Retract);

/// <summary>
/// When a suspect is removed: two different nodes hold it for dead, or the only one that is left to say so.
/// </summary>
/// <remarks>
/// Who counts as dead to the one that decides has no say, neither as a voter nor as somebody to wait for; so the last
/// one of many can still clean up. Who merely refuses its connections keeps the vote: a wall between two nodes must not
/// keep both from removing a third one. A node's own suspicion is its vote, stored or not. Where two nodes, or two halves,
/// hold each other for dead, both may decide; the view number lets one decision through, and the others find
/// themselves removed.
/// </remarks>
public static class EvictionRule
{
    /// <summary>Two are enough to tell a broken node from a broken network card of the one that complains.</summary>
    private const int Ballots = 2;

    /// <summary>Decides for one node, on the table that it read last.</summary>
    /// <param name="self">The node's <see cref="ClusterNode.Id"/>.</param>
    /// <param name="table">The table. Nothing is decided where the node itself is not in it.</param>
    /// <param name="suspects">Whom it suspects.</param>
    public static EvictionPlan Decide(string self, MembershipTable table, IReadOnlyDictionary<string, Suspicion> suspects)
    {
        List<string> remove = [], vote = [];
        if (table.Find(self) is null)
            return new EvictionPlan(remove, vote, []);

        foreach (var suspect in table.Nodes.Select(row => row.Node.Id).Where(id => id != self && suspects.ContainsKey(id)))
        {
            var electors = table.Nodes.Select(row => row.Node.Id)
                .Where(id => id == self || (id != suspect && !IsDead(id, suspects)))
                .ToHashSet(StringComparer.Ordinal);
            var ballots = table.Votes
                .Where(v => v.Suspect == suspect && electors.Contains(v.Voter))
                .Select(v => v.Voter)
                .Append(self)
                .Distinct(StringComparer.Ordinal)
                .Count();
            if (ballots >= Math.Min(Ballots, electors.Count))
                remove.Add(suspect);
            else if (!table.Votes.Any(v => v.Suspect == suspect && v.Voter == self))
                vote.Add(suspect);
        }

        var retract = table.Votes.Where(v => v.Voter == self && !suspects.ContainsKey(v.Suspect)).Select(v => v.Suspect).ToList();
        return new EvictionPlan(remove, vote, retract);
    }

    private static bool IsDead(string id, IReadOnlyDictionary<string, Suspicion> suspects) =>
        suspects.TryGetValue(id, out var suspicion) && suspicion == Suspicion.Dead;
}
