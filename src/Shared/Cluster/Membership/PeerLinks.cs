using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster.Membership;

/// <summary>To whom there should be connections, and to whom there are. Times are as in <see cref="FailureDetector"/>.</summary>
internal sealed class PeerLinks
{
    private readonly HashSet<string> _connected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _lostSince = new(StringComparer.Ordinal);
    private HashSet<string> _peers = new(StringComparer.Ordinal);

    /// <summary>By <see cref="ClusterNode.Id"/>.</summary>
    public IReadOnlySet<string> Peers => _peers;

    /// <summary>The peers without a connection, in ordinal order.</summary>
    public IReadOnlyList<string> Unreached => [.. _lostSince.Keys.Order(StringComparer.Ordinal)];

    public bool IsPeer(string id) => _peers.Contains(id);

    public bool IsConnected(string id) => _connected.Contains(id);

    /// <summary>Since when there is no connection to a peer; null if there is one, or if it is no peer.</summary>
    public TimeSpan? LostSince(string id) => _lostSince.TryGetValue(id, out var since) ? since : null;

    /// <summary>A report. One of a node that is no peer (yet) is kept while it is connected.</summary>
    public void Changed(string id, LinkState state, TimeSpan now)
    {
        if (state == LinkState.Connected)
        {
            _connected.Add(id);
            _lostSince.Remove(id);
        }
        else
        {
            _connected.Remove(id);
            if (_peers.Contains(id))
                _lostSince.TryAdd(id, now);
        }
    }

    /// <summary>Takes over who the peers are.</summary>
    /// <returns>Them, if they changed; null otherwise.</returns>
    public IReadOnlyCollection<ClusterNode>? SetPeers(IEnumerable<ClusterNode> nodes, TimeSpan now)
    {
        var list = nodes.ToList();
        var ids = list.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        if (ids.SetEquals(_peers))
            return null;
        foreach (var gone in _peers.Where(id => !ids.Contains(id)))
        {
            _connected.Remove(gone);
            _lostSince.Remove(gone);
        }

        foreach (var id in ids.Where(id => !_connected.Contains(id)))
            _lostSince.TryAdd(id, now);
        _peers = ids;
        return list;
    }
}
