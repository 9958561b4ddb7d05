using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>
/// What the peers say of themselves on their links: whether they reach the database, and whom they do not reach. No
/// I/O and no clock: times are the listener's monotonic clock.
/// </summary>
internal sealed class PeerReports(MembershipOptions options)
{
    private readonly Dictionary<string, Report> _reports = new(StringComparer.Ordinal);

    /// <summary>A peer has said something.</summary>
    /// <param name="peer">Its <see cref="ClusterNode.Id"/>.</param>
    /// <param name="alive">What.</param>
    /// <param name="now">When it was heard.</param>
    public void Heard(string peer, AliveLink alive, TimeSpan now)
    {
        var ago = TimeSpan.FromMilliseconds(Math.Clamp(alive.StoreReachedMsAgo, 0, (long)TimeSpan.FromDays(1).TotalMilliseconds));
        var reached = now - ago;
        var (start, latest) = _reports.TryGetValue(peer, out var old) ? (old.RunStart, old.Reached) : (reached, reached);
        if (reached - latest > options.MaxGap)
            start = reached;
        _reports[peer] = new Report(start, reached > latest ? reached : latest, now, alive.View, alive.Unreached);
    }

    /// <summary>Forgets all nodes but these.</summary>
    public void Retain(IReadOnlySet<string> peers)
    {
        foreach (var gone in _reports.Keys.Where(id => !peers.Contains(id)).ToList())
            _reports.Remove(gone);
    }

    /// <summary>
    /// A peer that reached the database again and again for a full limit, in which this node did not; null: none. One
    /// success of theirs is not enough: after an outage for everybody somebody is the first.
    /// </summary>
    /// <param name="ownReached">When this node asked the last question that was answered.</param>
    public string? ReachesStoreWithoutUs(TimeSpan ownReached)
    {
        foreach (var (peer, report) in _reports)
        {
            var since = report.RunStart > ownReached ? report.RunStart : ownReached;
            if (report.Reached - since >= options.FailureLimit)
                return peer;
        }

        return null;
    }

    /// <summary>Whether others reach a node and none of them fails to; false if nobody has said so lately.</summary>
    /// <param name="node">Which node.</param>
    /// <param name="view">
    /// A view with the node in it. Reports under others do not count: under a newer one the node may be gone, and
    /// nobody says of it that they do not reach it.
    /// </param>
    /// <param name="now">The time.</param>
    public bool AllOthersReach(string node, long view, TimeSpan now)
    {
        var fresh = _reports
            .Where(r => r.Key != node && r.Value.View == view && now - r.Value.HeardAt <= options.MaxGap)
            .Select(r => r.Value.Unreached)
            .OfType<IReadOnlyList<string>>()
            .ToList();
        return fresh.Count > 0 && fresh.TrueForAll(unreached => !unreached.Contains(node, StringComparer.Ordinal));
    }

    private readonly record struct Report(
        TimeSpan RunStart, TimeSpan Reached, TimeSpan HeardAt, long View, IReadOnlyList<string>? Unreached);
}
