using Akka.Actor;
using Akka.Cluster;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>Reading the table, and deciding on what stands there.</summary>
internal sealed partial class DowningActor
{
    /// <summary>Rows without a member: since when, and for which the members show that they live.</summary>
    private readonly SortedDictionary<NodeKey, long> _strangers = new(NodeKeys.Order);

    private NodeList? _list;
    private long _call;
    private bool _isCalling;
    private bool _isReadWanted;
    private bool _isAway;
    private long _readAt;
    private NodeKey[] _knownAtRead = [];

    /// <summary>Reads as soon as the present call is over: a list of an earlier read may not show what is asked for.</summary>
    private void RequestRead()
    {
        if (_isCalling)
            _isReadWanted = true;
        else
            BeginRead();
    }

    private void ReadIfDue()
    {
        var isPressing = _isAway || _members.Any(m => m.Value.SuspectedAt is not null || m.Value.ExecuteAt is not null || m.Value.IsUnreachable || !m.Value.IsLive);
        if (!_isCalling && _setup.Clock.GetElapsedTime(_readAt) >= (isPressing ? _options.PressingReadInterval : _options.ReadInterval))
            BeginRead();
    }

    private void BeginRead()
    {
        _isReadWanted = false;
        _readAt = Now;
        _knownAtRead = [.. _members.Keys];
        var call = BeginCall();
        _ = ReadAsync().PipeTo(Self, useConfigureAwait: true, success: list => new ListRead(call, list), failure: e => new CallFailed(call, e));
    }

    private void BeginChange(NodeList list, IReadOnlyList<NodeKey> remove)
    {
        var change = new NodeChange(list.View, null, remove);
        var call = BeginCall();
        _ = ChangeAsync(change).PipeTo(
            Self, useConfigureAwait: true, success: done => new Changed(call, change, list, done), failure: e => new CallFailed(call, e));
    }

    // Async methods, so that an adapter that throws at once is no different from one that fails later.
    private async Task<NodeList> ReadAsync() => await _setup.Table.ReadAsync(_stop.Token);

    private async Task<bool> ChangeAsync(NodeChange change) => await _setup.Table.TryChangeAsync(change, _stop.Token);

    private long BeginCall()
    {
        _isCalling = true;
        _call++;
        Timers.StartSingleTimer(nameof(CallOverdue), new CallOverdue(_call), _options.CallTimeout);
        return _call;
    }

    private bool IsPresent(long call) => _isCalling && call == _call;

    private void EndCall()
    {
        _isCalling = false;
        Timers.Cancel(nameof(CallOverdue));
    }

    private void OnCallFailed(Exception error)
    {
        EndCall();

        // A change may have been made for all that. The next read shows it, and comes with the tick.
        _isReadWanted = false;
        if (error is not NodeTableUnavailableException)
            LogCallFailed(_log, error, _setup.Name);
        else if (!_isAway)
            LogTableAway(_log, _setup.Name, error.Message);
        _isAway = true;
    }

    private void OnAnswered()
    {
        EndCall();
        if (_isAway)
            LogTableBack(_log, _setup.Name);
        _isAway = false;
    }

    private void OnRead(NodeList list)
    {
        OnAnswered();
        var wasMember = _setup.View.IsMember;
        if (!_setup.View.Learn(list))
        {
            // Not registered yet, or a member no more: no say in either case.
            _list = null;
            if (wasMember)
                LogEvicted(_log, _setup.Name, list.View);
            return;
        }

        var isQuiet = _list?.View == list.View;
        _list = list;
        Expel(list);
        var remove = EvictionPlan.Decide(_self, list, Seen(withSilent: false), _patienceIsOver);
        var stale = Stale(list);
        if (remove.Count > 0 || stale.Count > 0)
            BeginChange(list, [.. remove, .. stale]);
        else if (isQuiet && IsWaitedFor())
            BeginChange(list, []);
        else if (_isReadWanted)
            BeginRead();
    }

    /// <summary>Members that are not in the table: whoever removed them downs them, and if that one is gone, this node does.</summary>
    private void Expel(NodeList list)
    {
        foreach (var key in _knownAtRead)
        {
            if (key == _self || list.Find(key) is not null || !_members.TryGetValue(key, out var peer) || peer.ExecuteAt is not null)
                continue;
            peer.ExecuteAt = After(peer.IsLeaving ? _options.LeavingGrace : _options.BystanderPatience);
        }
    }

    /// <summary>
    /// Rows that say up, of nodes that Akka has removed: they were downed by hand, or died between leaving the cluster and the table.
    /// Nobody can be up in the table that a member which is up has not heard of: Akka lets nobody become up before all members know it.
    /// </summary>
    private List<NodeKey> Stale(NodeList list)
    {
        foreach (var gone in _strangers.Keys.Where(k => list.Find(k) is null || _members.ContainsKey(k)).ToList())
        {
            _strangers.Remove(gone);
        }

        foreach (var row in list.Nodes.Where(n => !_members.ContainsKey(n.Key)))
        {
            _strangers.TryAdd(row.Key, Now);
        }

        return list.Find(_self) is { State: NodeState.Up } && _members.ContainsKey(_self)
            ? [.. _strangers.Where(s => list.Find(s.Key) is { State: NodeState.Up } && _setup.Clock.GetElapsedTime(s.Value) >= _options.LeavingGrace).Select(s => s.Key)]
            : [];
    }

    /// <summary>
    /// Whether somebody has been joining for long: it may not reach the members, and must not hold them for dead. Any change of the view
    /// shows it that they live. Not for ever, since it may be dead itself.
    /// </summary>
    private bool IsWaitedFor() =>
        _members.TryGetValue(_self, out var self) && self.Member.Status == MemberStatus.Up
        && _strangers.Values.Any(since => _setup.Clock.GetElapsedTime(since) is var time
            && time >= _options.SignOfLifeAfter && time < _options.SilenceLimit * 4);

    private void OnChanged(Changed changed)
    {
        OnAnswered();
        if (!changed.IsDone)
        {
            // Somebody else was faster. For a mere sign of life that is as good.
            if (changed.Change.Remove.Count > 0 || _isReadWanted)
                BeginRead();
            return;
        }

        _list = changed.Before.With(changed.Change);
        _setup.View.Learn(_list);
        foreach (var key in changed.Change.Remove)
        {
            OnEvicted(key);
        }

        if (_isReadWanted)
            BeginRead();
    }

    private void OnEvicted(NodeKey key)
    {
        var peer = _members.GetValueOrDefault(key);
        var reason = peer is null ? "removed" : !peer.IsLive ? "down" : peer.IsGone ? "refused" : "unreachable";
        _metrics.Evicted(reason, peer?.SuspectedAt is { } at ? _setup.Clock.GetElapsedTime(at) : null);
        LogEvicts(_log, _setup.Name, key.Address, reason, _setup.View.Number);
        if (peer is not null)
            Execute(key, peer);
    }
}
