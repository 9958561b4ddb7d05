using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// <see cref="INodeLinks"/> over TCP: one connection per pair of nodes and direction. Each node dials, proves itself and
/// writes; what it accepts it only reads. A node that is dialled by a peer dials it back, whether or not it was asked to,
/// for as long as that connection stands: so one that wants to join learns whether it can be reached.
/// </summary>
/// <remarks>
/// A message waits in the queue of its peer (<see cref="PeerQueue"/>), across connections to the same incarnation, and
/// is encoded by the loop that writes (<see cref="OutgoingConnection"/>): as much as waits goes out in one write. A peer
/// that takes nothing holds up its own loop and queue alone. Nothing is encrypted unless
/// <see cref="LinkOptions.Upgrade"/> does so; the preamble proves who is there and no more.
/// </remarks>
public sealed class TcpNodeLinks : INodeLinks, IAsyncDisposable
{
    private readonly LinkContext _context;
    private readonly LinkListener _listener;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<NodeKey, PeerLink> _peers = new();
    private readonly TaskSet _loops = new();
    private readonly Channel<PeerChange> _changes = Channel.CreateUnbounded<PeerChange>(new UnboundedChannelOptions { SingleReader = true });

    private ILinkReceiver? _receiver;
    private Task _telling = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Creates the links of a node; nothing happens before <see cref="StartAsync"/>.</summary>
    /// <param name="self">This node. Its address is where others dial it back; empty for the one on which it listens.</param>
    /// <param name="clusterSecret">At least 32 bytes, the same on all nodes.</param>
    /// <param name="options">The settings.</param>
    /// <param name="clock">For time-outs and pauses.</param>
    /// <param name="loggerFactory">For the log.</param>
    /// <param name="meters">For the meter <c>ClusterChat.Links</c>; null for none.</param>
    public TcpNodeLinks(
        ClusterNode self, ReadOnlySpan<byte> clusterSecret, LinkOptions options, TimeProvider clock, ILoggerFactory loggerFactory,
        IMeterFactory? meters = null)
    {
        var metrics = new LinkMetrics(meters, () => QueuedBytes);
        var preamble = new Preamble(self, options.ClusterName, new LinkKey(clusterSecret));
        _context = new LinkContext(self, options, preamble, clock, metrics, loggerFactory.CreateLogger<TcpNodeLinks>());
        _listener = new LinkListener(_context, loggerFactory, Admit, ServeAsync);
    }

    /// <summary>How many nodes it keeps connections to.</summary>
    internal int PeerCount => _peers.Count;

    /// <summary>What waits for all peers, in bytes, about.</summary>
    internal long QueuedBytes => _peers.Values.Sum(p => p.Queue.Bytes);

    /// <summary>Listens. Call <see cref="Attach"/> before, and nothing else.</summary>
    /// <returns>This node; where it has no address, with the one on which it listens.</returns>
    /// <exception cref="IOException">The address is taken.</exception>
    public async Task<ClusterNode> StartAsync(CancellationToken cancellationToken)
    {
        if (_receiver is null)
            throw new InvalidOperationException("Nobody is attached to receive.");
        var self = _context.Self;
        var bound = await _listener.BindAsync(cancellationToken);
        if (self.Address.Length == 0)
            self = self with { Address = bound.ToString() };
        _context.Preamble.SetAddress(self.Address);
        _telling = Task.Run(TellAsync, CancellationToken.None);
        _listener.Start();
        return self;
    }

    /// <inheritdoc/>
    public void Attach(ILinkReceiver receiver) => _receiver = receiver;

    /// <inheritdoc/>
    public bool Send(ClusterNode peer, LinkMessage message)
    {
        if (!_peers.TryGetValue(NodeKey.Of(peer), out var link) && (link = Want(peer)) is null)
            return false;
        var taken = link.Queue.Offer(message);
        if (!taken)
            _context.Metrics.Refused();
        return taken;
    }

    /// <inheritdoc/>
    public void SetPeers(IReadOnlyCollection<ClusterNode> peers)
    {
        var wanted = peers.Select(NodeKey.Of).ToHashSet();
        lock (_lock)
        {
            foreach (var (key, link) in _peers)
            {
                // Its connections go too, even where the peer still wants them: it comes again, and then it is the
                // one that asks. A link that was never wanted stays as long as the peer does.
                if (link.Wanted && !wanted.Contains(key))
                    LetGo(link);
            }
        }

        foreach (var peer in peers.Where(p => p.Id != _context.Self.Id))
        {
            Want(peer);
        }
    }

    /// <summary>Writes what waits, within <see cref="LinkOptions.DrainTimeout"/>, and closes everything.</summary>
    public async Task StopAsync()
    {
        lock (_lock)
        {
            _stopped = true;
            foreach (var link in _peers.Values)
            {
                link.Stop();
            }
        }

        await _loops.WhenAllAsync();
        await _listener.StopAsync();
        _changes.Writer.TryComplete();
        await _telling;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private PeerLink? Want(ClusterNode peer)
    {
        lock (_lock)
        {
            return GetOrAdd(peer, wanted: true);
        }
    }

    // Under the lock.
    private PeerLink? GetOrAdd(ClusterNode peer, bool wanted)
    {
        if (_stopped)
            return null;
        var key = NodeKey.Of(peer);
        if (_peers.TryGetValue(key, out var link))
        {
            link.Wanted |= wanted;
            return link;
        }

        // The loop tells the peer at once whether it is wanted.
        link = new PeerLink(_context, peer, new PeerState(peer.Id, _changes.Writer)) { Wanted = wanted };
        _peers[key] = link;
        _loops.Run(link.RunAsync);
        return link;
    }

    // Under the lock.
    private void LetGo(PeerLink link)
    {
        // By now another link may stand in its place.
        _peers.TryRemove(KeyValuePair.Create(NodeKey.Of(link.Peer), link));
        link.Stop();
        if (link.Incoming is { } incoming)
            _loops.Run(incoming.AbortAsync);
    }

    private bool Admit(Dialler dialler) => !dialler.IsDialBack || _peers.ContainsKey(NodeKey.Of(dialler.Node));

    private async Task ServeAsync(Dialler dialler, PipeReader input, CancellationToken cancellationToken)
    {
        var connection = new IncomingConnection(_context, dialler, input);
        PeerLink? link;
        IncomingConnection? previous = null;
        lock (_lock)
        {
            link = dialler.IsDialBack ? _peers.GetValueOrDefault(NodeKey.Of(dialler.Node)) : GetOrAdd(dialler.Node, wanted: false);
            if (link is null)
                return;
            previous = link.Incoming;
            link.Incoming = connection;
            if (previous is not null)
                link.State.IncomingDown();
        }

        try
        {
            // What the earlier connection brought must not be delivered after what this one brings.
            if (previous is not null)
                await previous.AbortAsync();
            _context.Logger.Accepted(link.Id);
            link.Nudge();
            link.State.IncomingUp();
            _context.Logger.IncomingEnded(link.Id, await connection.ReadAllAsync(_receiver!, cancellationToken));
        }
        finally
        {
            connection.Ended();
            EndIncoming(link, connection);
        }
    }

    private void EndIncoming(PeerLink link, IncomingConnection connection)
    {
        lock (_lock)
        {
            if (link.Incoming != connection)
                return;
            link.Incoming = null;
            link.State.IncomingDown();
            if (!_stopped && !link.Wanted)
                LetGo(link);
        }
    }

    private async Task TellAsync()
    {
        await foreach (var (peer, state) in _changes.Reader.ReadAllAsync())
        {
            try
            {
                _receiver!.PeerChanged(peer, state);
            }
            catch (Exception e)
            {
                _context.Logger.TellingFailed(peer, state, e);
            }
        }
    }

    // A node's id is put together on each call; this is not.
    private readonly record struct NodeKey(string Name, string Incarnation)
    {
        public static NodeKey Of(ClusterNode node) => new(node.Name, node.Incarnation);
    }
}
