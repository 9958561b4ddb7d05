using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;

namespace ClusterChat.TestKit;

/// <summary>One node's connections in a <see cref="SimulatedNetwork"/>.</summary>
public sealed class SimulatedLinks : INodeLinks
{
    private readonly SimulatedNetwork _network;
    private readonly Dictionary<string, Connection> _peers = new(StringComparer.Ordinal);
    private readonly Queue<Action<ILinkReceiver>> _inbox = new();
    private ILinkReceiver? _receiver;

    internal SimulatedLinks(SimulatedNetwork network, ClusterNode self, SimulatedProcess process)
    {
        _network = network;
        Self = self;
        Process = process;
    }

    /// <summary>Whose they are.</summary>
    public ClusterNode Self { get; }

    internal SimulatedProcess Process { get; }

    /// <inheritdoc />
    public bool Send(ClusterNode peer, LinkMessage message)
    {
        if (!_peers.TryGetValue(peer.Id, out var connection) || !connection.IsOpen)
            return true;
        _network.World.After(_network.Latency, () =>
        {
            if (!_network.IsCut(Self.Name, peer.Name))
                _network.Find(peer.Id)?.Deliver(receiver => receiver.Receive(Self.Id, message));
        });
        return true;
    }

    /// <inheritdoc />
    public void SetPeers(IReadOnlyCollection<ClusterNode> peers)
    {
        var ids = peers.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _peers.Keys.Where(id => !ids.Contains(id)).ToList())
            _peers.Remove(gone);
        foreach (var peer in peers.Where(p => !_peers.ContainsKey(p.Id)))
        {
            var connection = new Connection(peer);
            _peers.Add(peer.Id, connection);
            Dial(connection, _network.Latency);
        }
    }

    /// <inheritdoc />
    public void Attach(ILinkReceiver receiver) => _receiver = receiver;

    internal void LoseAfter(TimeSpan time, Func<ClusterNode, bool> lost) => _network.World.After(time, () =>
    {
        foreach (var connection in _peers.Values.Where(c => c.IsOpen && lost(c.Peer)).ToList())
        {
            connection.IsOpen = false;
            Report(connection, LinkState.Lost);
            Dial(connection, _network.Latency);
        }
    });

    private void Dial(Connection connection, TimeSpan delay) => _network.World.After(delay, () =>
    {
        if (!IsCurrent(connection))
            return;
        var target = _network.Find(connection.Peer.Id);
        if (_network.IsCut(Self.Name, connection.Peer.Name) || target is { Process.IsPaused: true })
            _network.World.After(_network.Timeout, () => Fail(connection, LinkState.Lost));
        else if (target is null)
            Fail(connection, LinkState.Refused);
        else
            Open(connection);
    });

    private void Open(Connection connection)
    {
        connection.IsOpen = true;
        Report(connection, LinkState.Connected);
    }

    private void Fail(Connection connection, LinkState state)
    {
        if (!IsCurrent(connection))
            return;
        Report(connection, state);
        Dial(connection, _network.RedialInterval);
    }

    private bool IsCurrent(Connection connection) =>
        !Process.IsKilled && _peers.TryGetValue(connection.Peer.Id, out var current) && ReferenceEquals(current, connection);

    private void Report(Connection connection, LinkState state)
    {
        if (connection.Reported == state)
            return;
        connection.Reported = state;
        Deliver(receiver => receiver.PeerChanged(connection.Peer.Id, state));
    }

    /// <summary>In the process, in the order of these calls, whatever order the steps are picked in.</summary>
    private void Deliver(Action<ILinkReceiver> deliver)
    {
        if (Process.IsKilled)
            return;
        _inbox.Enqueue(deliver);
        Process.Post(() => _inbox.Dequeue()(_receiver!), "link");
    }

    private sealed class Connection(ClusterNode peer)
    {
        public ClusterNode Peer => peer;

        public bool IsOpen { get; set; }

        public LinkState? Reported { get; set; }
    }
}
