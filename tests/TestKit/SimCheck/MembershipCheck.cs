namespace ClusterChat.TestKit;

/// <summary>
/// Nobody loses its membership without a reason of its own, and who has lost it soon acks nothing more.
/// </summary>
internal sealed class MembershipCheck(IReadOnlyList<Fact> facts, Action<string, string> report)
{
    /// <summary>
    /// For how long after its end a reason explains an eviction: the limit of failures, a heartbeat before it, and a
    /// decision that was under way.
    /// </summary>
    public static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(9);

    /// <summary>
    /// How soon a node that can run and reach the store finds out that it is out, lets go of its clients, and what it had sent to
    /// the store has come there.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(12);

    private readonly Dictionary<string, TimeSpan> _excusedUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _stillUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _outSince = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaves = new(StringComparer.Ordinal);
    private readonly HashSet<(string Node, string Reason)> _reasons = [];
    private readonly HashSet<(string, string)> _cuts = [];
    private readonly Dictionary<string, TimeSpan> _cutUntil = new(StringComparer.Ordinal);

    public void Run()
    {
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case Fact.NodePaused paused:
                    _stillUntil[paused.Node] = TimeSpan.MaxValue;
                    Excuse(paused.Node, "stands still", null);
                    break;
                case Fact.NodeResumed resumed:
                    _stillUntil[resumed.Node] = resumed.At + Aftermath;
                    Excuse(resumed.Node, "stands still", resumed.At);
                    break;
                case Fact.StoreReach reach:
                    Excuse(reach.Node, "store", reach.IsAway ? null : reach.At);
                    break;
                case Fact.NetworkCut cut:
                    OnCut(cut);
                    break;
                case Fact.NodeTerminated terminated:
                    _leaves.Add(terminated.Node);
                    break;
                case Fact.NodeGone gone:
                    _leaves.Add(gone.Node);
                    break;
                case Fact.MembershipOver over:
                    OnOver(over);
                    break;
                case Fact.ViewChanged changed:
                    OnView(changed);
                    break;
                case Fact.Appended appended:
                    CheckStillIn(appended.Node, appended.At, $"appended to {appended.Room}");
                    break;
                case Fact.AckWritten ack:
                    CheckStillIn(ack.Node, ack.At, $"acked {ack.Mid}");
                    break;
            }
        }
    }

    // One reason may end while another one goes on.
    private void Excuse(string node, string reason, TimeSpan? end)
    {
        _ = end is null ? _reasons.Add((node, reason)) : _reasons.Remove((node, reason));
        _excusedUntil[node] = end is not { } at || _reasons.Any(r => r.Node == node) ? TimeSpan.MaxValue : at + Aftermath;
    }

    private void OnCut(Fact.NetworkCut cut)
    {
        _ = cut.IsCut ? _cuts.Add((cut.A, cut.B)) : _cuts.Remove((cut.A, cut.B));
        foreach (var name in new[] { cut.A, cut.B })
        {
            var isCut = _cuts.Any(c => c.Item1 == name || c.Item2 == name);
            _cutUntil[name] = isCut ? TimeSpan.MaxValue : cut.At + Aftermath;
        }
    }

    private void OnOver(Fact.MembershipOver over)
    {
        var isExplained = over.Reason switch
        {
            "Left" => _leaves.Contains(over.Node),
            "Removed" => _leaves.Contains(over.Node) || _outSince.ContainsKey(over.Node),
            _ => false,
        };
        if (!isExplained)
        {
            report(PromiseChecker.Membership, $"at {over.At} {over.Node} lost its membership without a reason: {over.Reason}");
        }

        // Where it is still a member it leaves by itself.
        _leaves.Add(over.Node);
    }

    private void OnView(Fact.ViewChanged changed)
    {
        foreach (var node in changed.Removed)
        {
            _outSince.TryAdd(node, changed.At);
            if (!_leaves.Contains(node) && !StoodStill(node, changed.At) && _cutUntil.GetValueOrDefault(NameOf(node)) < changed.At)
            {
                report(PromiseChecker.Membership, $"at {changed.At} view {changed.View} is without {node}, which had done nothing");
            }
        }
    }

    private void CheckStillIn(string node, TimeSpan at, string what)
    {
        if (!_outSince.TryGetValue(node, out var since))
        {
            return;
        }

        // What held it up while it was out, held up its finding out.
        var excused = _excusedUntil.GetValueOrDefault(node);
        var from = excused == TimeSpan.MaxValue ? at : excused - Aftermath;
        if (at - (from > since ? from : since) > Grace)
        {
            report(PromiseChecker.Membership, $"at {at} {node} {what}, and is out since {since}");
        }
    }

    private bool StoodStill(string node, TimeSpan at) => _stillUntil.GetValueOrDefault(node) >= at;

    private static string NameOf(string node) => node[..node.IndexOf('/', StringComparison.Ordinal)];
}
