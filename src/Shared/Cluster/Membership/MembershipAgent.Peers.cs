using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>What the agent hears from its peers, and what it tells them.</summary>
internal sealed partial class MembershipAgent
{
    private void OnAlive(AliveReported heard)
    {
        _due |= heard.Alive.View > views.Current.Number && heard.Alive.View > (_table?.View ?? 0);
        if (_links.IsPeer(heard.Peer))
            _reports.Heard(heard.Peer, heard.Alive, Now);
    }

    /// <summary>To those only to whom there is a connection: it would be stale by the time that one is made.</summary>
    private void SayAlive()
    {
        if (_table is not { } table || _phase is not (Phase.Member or Phase.Leaving))
            return;
        var alive = new AliveLink(table.View, (long)(Now - _reached).TotalMilliseconds, _links.Unreached);
        foreach (var row in table.Nodes)
        {
            if (_links.IsConnected(row.Node.Id))
                setup.Links.Send(row.Node, alive);
        }
    }

    /// <summary>The members that a node which joins has not reached yet, and which may be alive.</summary>
    private List<string> Unreached(MembershipTable table) =>
        [.. table.Nodes.Select(n => n.Node)
            .Where(n => n.Name != Self.Name && !_links.IsConnected(n.Id) && _detector.Judge(n.Id) != Suspicion.Dead)
            .Select(n => $"{n.Id} at {n.Address}")];

    private void CheckPeers()
    {
        if (_table is not { } table)
            return;
        if (_phase == Phase.Joining)
            CheckJoining(table);
        else if (_phase == Phase.Member && !signals.Ended.Task.IsCompleted)
            CheckMember(table);
    }

    private void CheckJoining(MembershipTable table)
    {
        if (_storeAway || Now - _firstTable < setup.Options.HeartbeatInterval || Unreached(table) is not { Count: > 0 } unreached)
            return;
        var list = string.Join(", ", unreached);
        LogOnce(list, LogUnreached);
        if (Now - _firstTable >= setup.Options.JoinTimeout)
            Finish(MembershipEndReason.CouldNotJoin, $"it does not reach {list}");
    }

    private void CheckMember(MembershipTable table)
    {
        if (_reports.ReachesStoreWithoutUs(_reached) is { } witness)
            AskToDrain(MembershipEndReason.StoreUnreachable, $"{witness} reaches the database, this node does not");
        else if (Self.Roles.HasFlag(NodeRoles.Gateway) && OwnerThatOthersReach(table) is { } owner)
            AskToDrain(MembershipEndReason.OwnerUnreachable, $"all others reach {owner}");
    }

    /// <summary>
    /// An owner that this node alone does not reach. Where that one is a gateway too, it does not reach this node's rooms either, and
    /// one of the two is to go: the one that lacks others as well, or else the one whose name comes later.
    /// </summary>
    /// <remarks>
    /// It has to have lived all the while that it was not reached: others have open connections to one that is frozen, and
    /// one that goes on is not dialled again at once.
    /// </remarks>
    private string? OwnerThatOthersReach(MembershipTable table)
    {
        var lacking = table.Nodes.Select(n => n.Node)
            .Where(n => LastsLongEnough(_links.LostSince(n.Id)) && LastsLongEnough(_detector.MovingSince(n.Id)) && _reports.AllOthersReach(n.Id, table.View, Now))
            .ToList();
        return lacking.Find(n => n.Roles.HasFlag(NodeRoles.Rooms)
            && (lacking.Count > 1
                || !(n.Roles.HasFlag(NodeRoles.Gateway) && Self.Roles.HasFlag(NodeRoles.Rooms))
                || string.CompareOrdinal(Self.Id, n.Id) > 0))?.Id;
    }

    private bool LastsLongEnough(TimeSpan? since) => Now - since >= setup.Options.FailureLimit;

    private void AskToDrain(MembershipEndReason reason, string detail)
    {
        if (signals.Ended.TrySetResult(new MembershipEnd(reason, detail)))
            LogEnded(logger, Self.Id, reason, detail);
    }
}
