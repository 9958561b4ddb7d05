using Akka.Actor;
using Akka.Cluster;
using ClusterMember = Akka.Cluster.Member;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>Suspicion and evidence.</summary>
internal sealed partial class DowningActor
{
    private long? _unreachableSince;
    private bool _patienceIsOver;
    private TimeSpan _patience;
    private long _survey;

    /// <summary>A link to an address is lost, or cannot be made.</summary>
    private void Suspect(Address address)
    {
        var text = NodeKeys.Of(address);
        foreach (var (key, peer) in _members)
        {
            if (key.Address != text || key == _self)
                continue;
            peer.LinkLostAt = Now;
            Suspect(key, peer);
        }
    }

    private void OnAssociated(Address address)
    {
        var text = NodeKeys.Of(address);
        foreach (var (key, peer) in _members)
        {
            if (key.Address != text)
                continue;
            peer.LinkLostAt = null;
            Acquit(peer);
        }
    }

    /// <summary>
    /// A process that is ending may lose its links before its port, and a busy one by much: as long as the link is not back it is dialled
    /// again and again.
    /// </summary>
    private void WatchLostLink(NodeKey key, Peer peer)
    {
        if (peer.LinkLostAt is not { } at || peer.IsDialling)
            return;
        if (peer is { IsLive: true, IsGone: false, ExecuteAt: null, LeavesUntil: null } && _setup.Clock.GetElapsedTime(at) < _options.LostLinkWatch)
        {
            Dial(key, peer, [_options.PressingReadInterval]);
            return;
        }

        peer.LinkLostAt = null;
        Acquit(peer);
    }

    private static void Acquit(Peer peer)
    {
        if (peer is { IsUnreachable: false, IsDialling: false, IsGone: false, LeavesUntil: null, LinkLostAt: null })
            peer.SuspectedAt = null;
    }

    private void Suspect(NodeKey key, Peer peer)
    {
        if (!peer.IsLive || peer.ExecuteAt is not null)
            return;
        if (peer.SuspectedAt is null)
            LogSuspects(_log, _setup.Name, key.Address);
        peer.SuspectedAt ??= Now;
        if (!peer.IsDialling && !peer.IsGone && peer.LeavesUntil is null)
            Dial(key, peer, _options.DialPauses);
    }

    private void Dial(NodeKey key, Peer peer, IReadOnlyList<TimeSpan> pauses)
    {
        peer.IsDialling = true;
        _ = DialAsync(key.Address, pauses).PipeTo(
            Self, useConfigureAwait: true, success: refused => new Dialled(key, refused), failure: _ => new Dialled(key, false));
    }

    /// <summary>Dials until it refuses, or all attempts are made.</summary>
    private async Task<bool> DialAsync(string address, IReadOnlyList<TimeSpan> pauses)
    {
        foreach (var pause in pauses)
        {
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, _setup.Clock, _stop.Token);
            if (await _setup.Probe.DialAsync(address, _stop.Token) == ProbeResult.Refused)
                return true;
        }

        return false;
    }

    private void OnDialled(Dialled dialled)
    {
        if (!_members.TryGetValue(dialled.Node, out var peer))
            return;
        peer.IsDialling = false;
        if (dialled.IsRefused)
            OnRefused(peer);
        else
            Acquit(peer);
    }

    private void OnRefused(Peer peer)
    {
        // Who leaves closes its port when the others know that it does, so its state tells it from a crash.
        if (peer.IsLeaving)
        {
            peer.LeavesUntil ??= After(_options.LeavingGrace);
            return;
        }

        peer.IsGone = true;
        RequestRead();
    }

    private void OnReachability(ClusterMember member, bool isUnreachable)
    {
        OnMember(member);
        var key = NodeKeys.Of(member.UniqueAddress);
        var peer = _members[key];
        peer.IsMarked = isUnreachable;
        Judge(key, peer);
    }

    /// <summary>
    /// Somebody does not hear from a member. Who hears from it itself leaves the decision to those who do not: where only the link of two nodes is cut,
    /// everybody sees both of them marked, and one of the two has to go, not both.
    /// </summary>
    private void Judge(NodeKey key, Peer peer)
    {
        var isUnreachable = peer.IsMarked && !Hears(peer.Member.Address);
        if (peer.IsUnreachable == isUnreachable)
            return;
        peer.IsUnreachable = isUnreachable;
        if (isUnreachable)
            Suspect(key, peer);
        else
            Acquit(peer);
        OnUnreachableChanged();
    }

    // In a large cluster a node sends heartbeats to some others only, and of the rest it knows what they say.
    private bool Hears(Address address) => _cluster.FailureDetector.IsMonitoring(address) && _cluster.FailureDetector.IsAvailable(address);

    /// <summary>The set of unreachable members is another: its time begins anew.</summary>
    private void OnUnreachableChanged()
    {
        _patienceIsOver = false;
        _survey++;
        if (!Seen(withSilent: false).Any(m => m.IsUnreachable))
        {
            _unreachableSince = null;
            Timers.Cancel(nameof(PatienceOver));
            return;
        }

        _unreachableSince ??= Now;
        StartPatience();
    }

    private void StartPatience()
    {
        var patience = Patience();

        // What flaps must not put off the decision for ever; but who finds itself on a weaker side waits for as long as that one has to.
        if (Timers.IsTimerActive(nameof(PatienceOver)) && patience <= _patience && IsLate(patience))
            return;
        _patience = patience;
        Timers.StartSingleTimer(nameof(PatienceOver), PatienceOver.Instance, patience);
    }

    private TimeSpan Patience()
    {
        var stoodStill = _frozeAt is { } at && _setup.Clock.GetElapsedTime(at) < _options.FrozenPatience;
        return EvictionPlan.Patience(EvictionPlan.Weigh(_list, [.. Seen(withSilent: true)]), _options, stoodStill);
    }

    private bool IsLate(TimeSpan patience) =>
        _unreachableSince is { } since && _setup.Clock.GetElapsedTime(since) + patience > _options.LongestPatience;

    /// <summary>
    /// The time of the unreachable is over. One look around before the decision: a cut takes away many at once, but the detector marks them
    /// one after the other, and who sees the first of them only may take itself for the majority.
    /// </summary>
    private void OnPatienceOver()
    {
        NoticeFreeze();
        if (Timers.IsTimerActive(nameof(PatienceOver)))
            return;
        var survey = ++_survey;
        var others = _members.Where(m => m.Key != _self && m.Value is { IsLive: true, IsGone: false, ExecuteAt: null }).Select(m => m.Key).ToList();
        _ = SurveyAsync(others).PipeTo(
            Self, useConfigureAwait: true, success: results => new Surveyed(survey, results), failure: _ => new Surveyed(survey, []));
    }

    // Begun all at once, and awaited in their order: as long as the slowest.
    private async Task<List<(NodeKey Node, ProbeResult Result)>> SurveyAsync(IReadOnlyList<NodeKey> nodes)
    {
        var dials = nodes.Select(node => (node, _setup.Probe.DialAsync(node.Address, _stop.Token))).ToList();
        List<(NodeKey, ProbeResult)> results = [];
        foreach (var (node, dial) in dials)
        {
            results.Add((node, await dial));
        }

        return results;
    }

    private void OnSurveyed(Surveyed surveyed)
    {
        if (surveyed.Survey != _survey)
            return;
        var isComplete = true;
        foreach (var (key, result) in surveyed.Results)
        {
            if (!_members.TryGetValue(key, out var peer))
                continue;
            peer.IsSilent = result == ProbeResult.Silent;
            isComplete &= !peer.IsSilent || peer.IsUnreachable;
            if (result == ProbeResult.Refused)
                OnRefused(peer);
        }

        // Whoever is silent will be marked soon. If not, one lost packet must not hold up the decision for long. And this may be a weaker
        // side than it seemed to be.
        if ((!isComplete && !IsLate(TimeSpan.Zero)) || Patience() > _patience)
        {
            StartPatience();
            return;
        }

        _patienceIsOver = true;
        RequestRead();
    }

    /// <summary>
    /// The members, as the plan wants them; to weigh sides the silent count with the unreachable. Akka removes by itself who is unreachable and exiting or down.
    /// </summary>
    private IEnumerable<SeenMember> Seen(bool withSilent) => _members.Select(m => new SeenMember(
        m.Key,
        m.Value.Member.Status == MemberStatus.Up,
        (m.Value.IsUnreachable || (withSilent && m.Value.IsSilent)) && m.Value is { IsLive: true, ExecuteAt: null, Member.Status: not MemberStatus.Exiting },
        m.Value.IsGone || m.Value.ExecuteAt is not null));
}
