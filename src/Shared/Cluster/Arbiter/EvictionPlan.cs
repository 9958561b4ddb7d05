namespace ClusterChat.Cluster.Arbiter;

/// <summary>Where a node stands when the cluster is torn apart.</summary>
internal enum Standing
{
    /// <summary>It sees more than half of those who count.</summary>
    Majority,

    /// <summary>It sees exactly half, and the lowest address among them.</summary>
    FirstHalf,

    /// <summary>It sees exactly half, without the lowest address.</summary>
    SecondHalf,

    /// <summary>It sees less than half.</summary>
    Minority,
}

/// <summary>A member, as this node sees it.</summary>
/// <param name="Key">Which one.</param>
/// <param name="IsUp">Whether it is a full member: only they count.</param>
/// <param name="IsUnreachable">The failure detector says so.</param>
/// <param name="IsGone">It refused a dial, and has no time left to leave in good order.</param>
internal readonly record struct SeenMember(NodeKey Key, bool IsUp, bool IsUnreachable, bool IsGone);

/// <summary>Whom to evict, and how long to wait with it. Pure: all of it depends on what is passed in.</summary>
/// <remarks>
/// Who is proved to be gone, and who is not in the table any more, does not count: of three nodes two may be killed one after the other.
/// Halves and minorities act as well, only later: if the others live they have acted by then, and the compare-and-set
/// refuses; if they are dead somebody has to. So the order of patience decides who survives, and the table that it is only one side.
/// </remarks>
internal static class EvictionPlan
{
    /// <summary>Where this node stands. Each node of one side comes to the same answer.</summary>
    /// <param name="list">The table, as it was read last; null where it was not read yet.</param>
    /// <param name="members">All members with this node.</param>
    public static Standing Weigh(NodeList? list, IReadOnlyCollection<SeenMember> members)
    {
        var present = members.Where(m => !m.IsGone && (list is null || list.Find(m.Key) is not null)).ToList();

        // A cluster that is only just being formed has nobody who is up; then all count.
        var electors = present.Exists(m => m.IsUp) ? present.FindAll(m => m.IsUp) : present;
        var reachable = electors.Count(m => !m.IsUnreachable);
        if (reachable * 2 > electors.Count)
            return Standing.Majority;
        if (reachable * 2 < electors.Count)
            return Standing.Minority;
        var lowest = electors.OrderBy(m => m.Key.Address, StringComparer.Ordinal).FirstOrDefault();
        return lowest.IsUnreachable ? Standing.SecondHalf : Standing.FirstHalf;
    }

    /// <summary>How long the set of unreachable nodes has to stand still before it is evicted.</summary>
    /// <param name="standing">Where this node stands.</param>
    /// <param name="options">The limits.</param>
    /// <param name="stoodStill">This process stood still just now: it may be the one that is cut off.</param>
    public static TimeSpan Patience(Standing standing, ArbiterOptions options, bool stoodStill)
    {
        var patience = standing switch
        {
            Standing.Majority or Standing.FirstHalf => options.MajorityPatience,
            Standing.SecondHalf => options.HalfPatience,
            _ => options.MinorityPatience,
        };
        return stoodStill && patience < options.FrozenPatience ? options.FrozenPatience : patience;
    }

    /// <summary>Whom to evict, all in one change, in the order of their addresses; nobody where this node itself is not in the table.</summary>
    /// <param name="self">This node.</param>
    /// <param name="list">The table, read just now.</param>
    /// <param name="members">All members.</param>
    /// <param name="patienceIsOver">Whether the unreachable ones have had their time.</param>
    public static IReadOnlyList<NodeKey> Decide(NodeKey self, NodeList list, IEnumerable<SeenMember> members, bool patienceIsOver)
    {
        if (list.Find(self) is null)
            return [];
        return
        [
            .. members
                .Where(m => m.Key != self && (m.IsGone || (m.IsUnreachable && patienceIsOver)) && list.Find(m.Key) is not null)
                .Select(m => m.Key)
                .OrderBy(k => k.Address, StringComparer.Ordinal)
                .ThenBy(k => k.Uid),
        ];
    }
}
