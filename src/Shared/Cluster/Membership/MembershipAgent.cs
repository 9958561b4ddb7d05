using System.Globalization;
using ClusterChat.Cluster.Membership.Actors;
using ClusterChat.Cluster.Links;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Membership;

/// <summary>
/// Drives a node's membership: joins, raises the counter, publishes views, votes, removes, leaves. What it decides is
/// computed elsewhere (<see cref="FailureDetector"/>, <see cref="EvictionRule"/>, <see cref="PeerReports"/>); what it does to the
/// database is in `MembershipAgent.Store.cs`.
/// </summary>
/// <remarks>
/// One rule orders everything: at most one call is under way, and <see cref="Pump"/>, which runs at the end of each turn,
/// picks the next one. A fresh table comes first, since whatever else there is to do is decided on it. Changes are compare-and-set
/// under the number of the table that they were decided on, and a call that timed out may take effect later: then the
/// next table shows it.
/// </remarks>
internal sealed partial class MembershipAgent(
    MembershipSetup setup, ViewStream views, MembershipSignals signals, ILogger logger) : Actor<MembershipMessage>
{
    private const string HeartbeatTimer = "heartbeat";
    private const string LeaveTimer = "leave";

    private readonly FailureDetector _detector = new(setup.Self.Id, setup.Options);
    private readonly PeerReports _reports = new(setup.Options);
    private readonly PeerLinks _links = new();
    private long _origin;
    private Phase _phase = Phase.Joining;
    private MembershipTable? _table;
    private bool _due;
    private long _heartbeat;
    private TimeSpan _reached;

    // Since when the node that joins has known whom it has to reach, without an outage of the database.
    private TimeSpan? _firstTable;
    private string _logged = string.Empty;
    private bool _retires;

    private enum Phase
    {
        Joining,
        Member,
        Leaving,
        Over,
    }


    // With the roles that it has now.
    private ClusterNode Self { get; set; } = setup.Self;

    private TimeSpan Now => Context.Clock.GetElapsedTime(_origin);

    protected internal override void OnStart()
    {
        _origin = Context.Clock.GetTimestamp();
        Context.StartTimer(HeartbeatTimer, new HeartbeatDue(), TimeSpan.Zero, setup.Options.HeartbeatInterval);
    }

    protected internal override void OnMessage(MembershipMessage message)
    {
        switch (message)
        {
            case HeartbeatDue:
                _due = true;
                if (IsBusy)
                    SayAlive();
                break;
            case RetryDue:
                _pausing = false;
                _due = true;
                break;
            case StoreAnswered answer:
                OnAnswered(answer);
                break;
            case StoreFailed failed:
                OnFailed(failed.Call, failed.Error);
                break;
            case StoreTimedOut late:
                OnFailed(late.Call, error: null);
                break;
            case LinkReported link:
                _links.Changed(link.Peer, link.State, Now);
                _detector.LinkChanged(link.Peer, link.State);

                // Judged on a table that was read after it: who leaves is out of the table before it closes its door.
                _due |= link.State == LinkState.Refused && _links.IsPeer(link.Peer);
                break;
            case AliveReported alive:
                OnAlive(alive);
                break;
            case NewerViewSeen seen:
                _due |= seen.Number > views.Current.Number;
                break;
            case RetireRequested:
                _retires = _due = true;
                break;
            case LeaveRequested when _phase is Phase.Joining or Phase.Member:
                _phase = Phase.Leaving;
                _due = true;
                Context.StartTimer(LeaveTimer, new LeaveTimedOut(), setup.Options.LeaveTimeout);
                break;
            case LeaveTimedOut:
                Finish(MembershipEndReason.Left, "without an answer of the database");
                break;
        }
    }

    protected internal override void OnTurnEnd() => Pump();

    protected internal override void OnStop()
    {
        _calling?.Cancel();
        signals.Joined.TrySetResult(false);
        signals.Retired.TrySetResult(NodeRoles.None);
        signals.Ended.TrySetResult(new MembershipEnd(MembershipEndReason.Failed, "its actor stopped"));
    }

    private void Pump()
    {
        if (_phase != Phase.Over)
            CheckPeers();
        if (_phase == Phase.Over || IsBusy)
            return;
        if (_due && _phase == Phase.Member)
            Heartbeat();
        else if (_due)
            Read();
        else if (_table is { } table)
            Act(table);
    }

    private void Act(MembershipTable table)
    {
        switch (_phase)
        {
            case Phase.Joining when Unreached(table).Count == 0:
                Change(table, add: Self, remove: []);
                break;
            case Phase.Member when _retires && !IsRetired(table):
                Self = Self with { Roles = RolesOfRetired(table) };
                Change(table, add: Self, remove: []);
                break;
            case Phase.Member:
                if (_retires)
                    signals.Retired.TrySetResult(Self.Roles);
                Evict(table);
                break;
            case Phase.Leaving when table.Find(Self.Id) is null:
                Finish(MembershipEndReason.Left, "as asked");
                break;
            case Phase.Leaving:
                Change(table, add: null, remove: [Self.Id]);
                break;
        }
    }

    private bool IsRetired(MembershipTable table) => table.Find(Self.Id)!.Node.Roles == RolesOfRetired(table);

    private NodeRoles RolesOfRetired(MembershipTable table)
    {
        // A retired node does not take its rooms back when it is the only one that is left: clients come again.
        var row = table.Find(Self.Id)!.Node;
        return table.Nodes.Any(n => n.Node.Id != Self.Id && n.Node.Roles.HasFlag(NodeRoles.Rooms)) ? NodeRoles.None : row.Roles & NodeRoles.Rooms;
    }

    private void Evict(MembershipTable table)
    {
        var suspects = _detector.Suspects;
        var plan = EvictionRule.Decide(Self.Id, table, suspects);
        LogOnce(suspects.Count == 0 ? "" : string.Join(", ", suspects), LogSuspects);
        if (plan.Remove.Count > 0)
        {
            LogRemoves(logger, Self.Id, string.Join(", ", plan.Remove));
            Change(table, add: null, plan.Remove);
        }
        else if (plan.Vote.Count > 0)
        {
            Vote(plan.Vote[0], holds: true);
        }
        else if (plan.Retract.Count > 0)
        {
            Vote(plan.Retract[0], holds: false);
        }
    }

    private void TableRead(MembershipTable table, TimeSpan asked)
    {
        if (_table is { } known && table.View < known.View)
        {
            // Not a late answer, those are dropped: the database was reset, or lost commits in a fail-over.
            Finish(MembershipEndReason.StoreWentBack, string.Create(CultureInfo.InvariantCulture, $"from view {known.View} to {table.View}"));
            return;
        }

        _reached = asked;
        signals.StoreReached();
        _detector.Observe(table, asked, Now);
        Accept(table, mine: false);
        SayAlive();
    }

    private void Accept(MembershipTable table, bool mine)
    {
        _table = table;
        _firstTable ??= Now;
        if (table.Find(Self.Id) is not null)
        {
            if (_phase == Phase.Joining)
                _phase = Phase.Member;
        }
        else if (_phase == Phase.Leaving)
        {
            // They read the table before they make anything of the connection that closes.
            SayAlive();
            Finish(MembershipEndReason.Left, "as asked");
            return;
        }
        else if (_phase == Phase.Member)
        {
            var successor = table.Nodes.FirstOrDefault(n => n.Node.Name == Self.Name)?.Node;
            Finish(
                successor is null ? MembershipEndReason.Removed : MembershipEndReason.Replaced,
                string.Create(CultureInfo.InvariantCulture, $"view {table.View} is without it{(successor is null ? "" : $", but has {successor.Id}")}"));
            return;
        }

        Publish(table, mine);
    }

    private void Publish(MembershipTable table, bool mine)
    {
        if (_phase == Phase.Member && views.Current.Number < table.View)
        {
            // What a gateway does with a view may need the links of the one before it.
            var view = table.ToView();
            setup.OnView?.Invoke(view);
            views.Publish(view);
            var text = string.Create(CultureInfo.InvariantCulture, $"view {view.Number} with {string.Join(", ", view.Nodes.Select(n => n.Id))}");
            if (signals.Joined.TrySetResult(true))
                LogJoined(logger, Self.Id, text);
            else
                LogView(logger, Self.Id, text);
        }

        // Who joins will replace its earlier self, and need not reach it.
        if (_links.SetPeers(table.Nodes.Select(n => n.Node).Where(n => n.Name != Self.Name), Now) is { } peers)
        {
            setup.Links.SetPeers(peers);
            _reports.Retain(_links.Peers);
        }

        // The others learn of the change from whoever made it, and not only with their next heartbeat.
        if (mine)
            SayAlive();
    }

    private void Finish(MembershipEndReason reason, string detail)
    {
        setup.OnEnd?.Invoke();

        // Whoever hears of the end may take everything down, this actor included.
        signals.Joined.TrySetResult(false);
        signals.Retired.TrySetResult(NodeRoles.None);
        if (signals.Ended.TrySetResult(new MembershipEnd(reason, detail)) && reason != MembershipEndReason.Left)
            LogEnded(logger, Self.Id, reason, detail);
        else
            LogLeft(logger, Self.Id, reason, detail);
        _phase = Phase.Over;
        Context.Stop();
    }

    private void LogOnce(string text, Action<ILogger, string, string> log)
    {
        if (_logged == text)
            return;
        _logged = text;
        if (text.Length > 0)
            log(logger, Self.Id, text);
    }
}
