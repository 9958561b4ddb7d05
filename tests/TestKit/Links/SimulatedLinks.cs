using System.Threading.Channels;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.TestKit;

/// <summary>One node's connections in a <see cref="SimulatedNetwork"/>. It dials and is dialled back as the production's does.</summary>
public sealed class SimulatedLinks : INodeLinks
{
    private readonly Dictionary<string, SimulatedPeer> _peers = new(StringComparer.Ordinal);
    private readonly Channel<PeerChange> _changes = Channel.CreateUnbounded<PeerChange>();
    private ILinkReceiver? _receiver;
    private bool _isStopped;

    internal SimulatedLinks(SimulatedNetwork network, ClusterNode self, SimulatedProcess process)
    {
        Network = network;
        Self = self;
        Process = process;
    }

    /// <summary>Whose they are.</summary>
    public ClusterNode Self { get; }

    /// <summary>What waits to be written to all peers.</summary>
    public long QueuedBytes => _peers.Values.Sum(p => p.Queue.Bytes);

    /// <summary>How many messages of rooms did not fit into the queues to the present peers.</summary>
    public long Dropped => _peers.Values.Sum(p => p.Queue.Dropped);

    internal SimulatedNetwork Network { get; }

    internal SimulatedProcess Process { get; }

    internal LinkMetrics Metrics { get; } = new(meters: null, () => 0);

    /// <inheritdoc />
    public bool Send(ClusterNode peer, LinkMessage message) => !_isStopped && GetOrAdd(peer, wanted: true).Offer(message);

    /// <inheritdoc />
    public void SetPeers(IReadOnlyCollection<ClusterNode> peers)
    {
        var ids = peers.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _peers.Values.Where(p => p.IsWanted && !ids.Contains(p.Node.Id)).ToList())
            LetGo(gone);
        foreach (var peer in peers.Where(p => p.Id != Self.Id && !_isStopped))
            GetOrAdd(peer, wanted: true);
    }

    /// <inheritdoc />
    public void Attach(ILinkReceiver receiver) => _receiver = receiver;

    /// <summary>Writes what waits and closes everything.</summary>
    public void Stop()
    {
        _isStopped = true;
        foreach (var peer in _peers.Values.ToList())
            LetGo(peer);
        Network.Forget(this, losing: false);
    }

    internal void Receive(string peer, LinkMessage message) => _receiver!.Receive(peer, message);

    /// <summary>Another node wants to connect; runs in this process.</summary>
    /// <returns>The connection; null: it is not wanted.</returns>
    internal SimulatedConnection? Accept(SimulatedLinks dialler, bool isDialBack)
    {
        if (_isStopped || (isDialBack && !_peers.ContainsKey(dialler.Self.Id)))
            return null;
        var connection = new SimulatedConnection(Network, dialler, this);
        GetOrAdd(dialler.Self, wanted: false).Accept(connection);
        return connection;
    }

    internal PeerState NewState(string peer) => new(peer, _changes.Writer);

    /// <summary>To be called after each change of a peer's state.</summary>
    internal void TellChanges()
    {
        if (_changes.Reader.Count > 0)
            Process.Post(Tell, "link changes");
    }

    internal void LetGo(SimulatedPeer peer)
    {
        if (_peers.TryGetValue(peer.Node.Id, out var present) && ReferenceEquals(present, peer))
            _peers.Remove(peer.Node.Id);
        peer.Stop();
    }

    private void Tell()
    {
        while (_changes.Reader.TryRead(out var change))
            _receiver!.PeerChanged(change.Peer, change.State);
    }

    private SimulatedPeer GetOrAdd(ClusterNode node, bool wanted)
    {
        if (!_peers.TryGetValue(node.Id, out var peer))
        {
            peer = new SimulatedPeer(this, node) { IsWanted = wanted };
            _peers.Add(node.Id, peer);
            peer.Dial();
        }

        peer.IsWanted |= wanted;
        return peer;
    }
}
