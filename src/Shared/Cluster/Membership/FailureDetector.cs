using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>How sure an observer is that a node is dead.</summary>
public enum Suspicion
{
    /// <summary>
    /// It refused a connection. Its process is gone, or something between the two refuses in its name: enough for a
    /// vote.
    /// </summary>
    Refused,

    /// <summary>Its counter stood still for so long that it has no say any more.</summary>
    Dead,
}

/// <summary>
/// One observer's opinion of the others. It does no I/O and reads no clock: times are the observer's monotonic
/// clock, as spans since some moment of its own.
/// </summary>
/// <remarks>
/// Time counts against a peer only where nothing else can explain the silence. Between two reads of the same counter
/// the peer was silent at least from the first one's answer to the second one's question, and of that only the
/// present <em>run</em> counts: reads that followed each other closely and all succeeded. A failed read, or a gap (this process
/// stood still, and so perhaps did the others or the database), begins a new run. So an absent database
/// makes nobody suspect, and after it is back everybody has the full limit again.
///
/// An open connection proves nothing (the kernel of a stopped process keeps its sockets open), so it clears a refusal
/// only; the counter decides. And a connection that was lost proves nothing against a peer whose counter moves.
/// </remarks>
public sealed class FailureDetector(string self, MembershipOptions options)
{
    private readonly Dictionary<string, Seen> _peers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private TimeSpan? _runStart;
    private TimeSpan _lastAsked;
    private TimeSpan _lastAnswered;

    /// <summary>Who is suspected, by <see cref="ClusterNode.Id"/>, on the evidence so far.</summary>
    public IReadOnlyDictionary<string, Suspicion> Suspects
    {
        get
        {
            var suspects = new Dictionary<string, Suspicion>(StringComparer.Ordinal);
            foreach (var peer in _peers.Keys)
            {
                if (Judge(peer) is { } suspicion)
                    suspects.Add(peer, suspicion);
            }

            return suspects;
        }
    }

    /// <summary>The opinion of one node; null: none, or it is not in the table.</summary>
    public Suspicion? Judge(string peer)
    {
        if (!_peers.ContainsKey(peer))
            return null;
        var refused = _refused.Contains(peer);
        if (SilenceOf(peer) >= (refused ? Shorter(options.RefusedLimit, options.FailureLimit) : options.FailureLimit))
            return Suspicion.Dead;
        return refused ? Suspicion.Refused : null;
    }

    /// <summary>For how long a node's counter has provably stood still.</summary>
    public TimeSpan SilenceOf(string peer)
    {
        if (_runStart is not { } start || !_peers.TryGetValue(peer, out var seen))
            return TimeSpan.Zero;
        var since = seen.At > start ? seen.At : start;
        return _lastAsked > since ? _lastAsked - since : TimeSpan.Zero;
    }

    /// <summary>
    /// Since when a node's counter has been seen to move again and again, in the present run; null: it has not moved lately.
    /// Then it lives, whatever its connections are like. That nobody suspects it does not say so: of one that has just
    /// stopped nobody can tell yet.
    /// </summary>
    public TimeSpan? MovingSince(string peer) =>
        _runStart is { } start && _peers.TryGetValue(peer, out var seen) && seen.MovingSince > start && _lastAnswered - seen.At <= options.MaxGap
            ? seen.MovingSince
            : null;

    /// <summary>The observer reached the database: it raised its own counter or read the table.</summary>
    /// <param name="table">What it read.</param>
    /// <param name="asked">When it asked.</param>
    /// <param name="answered">When it had the answer; not before the last one.</param>
    public void Observe(MembershipTable table, TimeSpan asked, TimeSpan answered)
    {
        if (_runStart is null || answered - _lastAnswered > options.MaxGap)
            _runStart = answered;
        (_lastAsked, _lastAnswered) = (asked, answered);

        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in table.Nodes)
        {
            var id = row.Node.Id;
            if (id == self)
                continue;
            present.Add(id);
            if (!_peers.TryGetValue(id, out var seen))
                _peers[id] = new Seen(row.Heartbeat, answered, MovingSince: null);
            else if (seen.Heartbeat != row.Heartbeat)
                _peers[id] = new Seen(row.Heartbeat, answered, seen.MovingSince > _runStart && answered - seen.At <= options.MaxGap ? seen.MovingSince : answered);
        }

        foreach (var gone in _peers.Keys.Where(id => !present.Contains(id)).ToList())
            _peers.Remove(gone);
        _refused.RemoveWhere(id => !present.Contains(id));
    }

    /// <summary>The observer did not reach the database: what it saw before counts for nothing.</summary>
    public void Missed() => _runStart = null;

    /// <summary>The connection to a node has changed. Of one that is not in the table it is of no interest.</summary>
    public void LinkChanged(string peer, LinkState state)
    {
        switch (state)
        {
            case LinkState.Refused when _peers.ContainsKey(peer):
                _refused.Add(peer);
                break;
            case LinkState.Connected:
                _refused.Remove(peer);
                break;
            default:
                // A lost one says nothing by itself, and after a refusal less than that one did: the node is not back.
                break;
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <param name="Heartbeat">The counter.</param>
    /// <param name="At">When it was first seen at this value.</param>
    /// <param name="MovingSince">Since when values have followed each other closely; null where this is the first one.</param>
    private readonly record struct Seen(long Heartbeat, TimeSpan At, TimeSpan? MovingSince);
}
