using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Sharding;
using ClusterChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster;

/// <summary>
/// The engine of this project's own cluster: rooms are owned by shards' nodes, and messages to and from them go
/// over links.
/// </summary>
/// <remarks>
/// It keeps nothing but the newest view and its map. Each message to a room carries the number of the view under
/// which the owner was chosen. Whoever is behind reads the table of nodes: a receiver keeps the message until it has, and
/// a sender that chose by an older view is told that the receiver is not the owner, and tries again. In between, two
/// nodes may hold themselves for the owner of a room: the journal takes the appends of one of them only.
/// </remarks>
public sealed partial class ShardedRoomCluster : IRoomCluster, IGatewayLinks, IGatewayOrders, IRoomHandovers, ILinkReceiver
{
    private readonly ClusterNode _self;
    private readonly INodeLinks _links;
    private readonly ILinkReceiver _membership;
    private readonly Action<long> _newerViewSeen;
    private readonly TimeProvider _clock;
    private readonly RoomListings _lists;
    private readonly GatewayOrders _orders;
    private readonly Lock _watching = new();
    private readonly List<Channel<ClusterView>> _watchers = [];
    private IRoomMessageSink? _sink;
    private IRoomRegion? _region;
    private volatile ClusterSnapshot _now;

    /// <summary>Creates the engine of a node that is in no view yet.</summary>
    /// <param name="self">This node.</param>
    /// <param name="links">The way to the others.</param>
    /// <param name="membership">Takes what comes over the links and is not about rooms.</param>
    /// <param name="newerViewSeen">Called with the number of a view that others know and this node does not.</param>
    /// <param name="clock">The clock of time-outs.</param>
    /// <param name="logger">The log.</param>
    public ShardedRoomCluster(
        ClusterNode self, INodeLinks links, ILinkReceiver membership, Action<long> newerViewSeen, TimeProvider clock, ILogger<ShardedRoomCluster> logger)
    {
        _self = self;
        _links = links;
        _membership = membership;
        _newerViewSeen = newerViewSeen;
        _clock = clock;
        _lists = new RoomListings(self.Id, links, clock, logger);
        _orders = new GatewayOrders(links, clock, logger);
        _now = new ClusterSnapshot(new ClusterView(0, []));
        links.Attach(this);
    }

    /// <summary>Null: what comes over links is not traced here.</summary>
    public MessageTraces? Traces { get; init; }

    /// <inheritdoc/>
    public string Self => _self.Id;

    /// <inheritdoc/>
    public ClusterView View => _now.View;

    /// <summary>Who owns which shard, by the newest view.</summary>
    public ShardMap Map => _now.Map;

    /// <summary>The number of the newest view, if this node owns a room under it.</summary>
    public long? OwnedUnder(string room)
    {
        var now = _now;
        return now.Map.OwnerOf(room)?.Id == _self.Id ? now.View.Number : null;
    }

    /// <summary>Says where messages for rooms of this node go. Called once, before the first view; not for a node without rooms.</summary>
    public void Attach(IRoomRegion region) => _region = region;

    /// <inheritdoc/>
    public void Attach(IRoomMessageSink sink) => _sink = sink;

    /// <summary>Takes a new view. Called for one view after the other; older ones than the newest are ignored.</summary>
    public void OnView(ClusterView view)
    {
        var old = _now;
        if (view.Number <= old.View.Number)
        {
            return;
        }

        var now = old.Next(_self.Id, view, _clock.GetTimestamp());
        _now = now;
        KeepOwned();
        TakeEarly();
        foreach (var gone in old.Nodes.Keys.Where(id => !now.Nodes.ContainsKey(id)))
        {
            _region?.RemoveGateway(gone);
        }

        _sink?.OwnersChanged(room => old.Map.OwnerOf(room)?.Id != now.Map.OwnerOf(room)?.Id);
        lock (_watching)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(view);
            }
        }
    }

    /// <summary>
    /// This node is no member any more, and there will be no further view. Its rooms are others' by now: a durable one is fenced, and a
    /// memory room, which nothing fences, would go on acking what nobody will see. Others do not hear it either, so there is
    /// no owner to it.
    /// </summary>
    public void OnEnd()
    {
        _now = _now.WithoutOwners();
        KeepOwned();
    }

    /// <inheritdoc/>
    public bool Tell(ToRoom message)
    {
        var now = _now;
        if (now.Map.OwnerOf(message.Room) is not { } owner)
        {
            return false;
        }

        return owner.Id == _self.Id
            ? DeliverHere(now, message)
            : _links.Send(owner, new ToRoomLink(now.View.Number, message));
    }

    /// <inheritdoc/>
    public void Tell(string gateway, FromRoom message)
    {
        if (gateway == Self)
        {
            _sink?.Deliver(message);
        }
        else if (_now.Nodes.TryGetValue(gateway, out var node))
        {
            _links.Send(node, new FromRoomLink(message));
        }
    }

    /// <inheritdoc/>
    public void TellHeads(string gateway, IReadOnlyList<RoomHead> heads)
    {
        if (gateway == Self)
        {
            _sink?.DeliverHeads(heads);
        }
        else if (_now.Nodes.TryGetValue(gateway, out var node))
        {
            _links.Send(node, new HeadsLink(heads));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => _lists.ListAsync(_now.View.Nodes, _region, prefix, after, limit, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<ClusterNode> Gateways
        => [.. _now.View.Nodes.Where(n => n.Roles.HasFlag(NodeRoles.Gateway) || n.Roles == NodeRoles.None).OrderBy(n => n.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task<GatewayReport?> AskAsync(ClusterNode gateway, GatewayOrder order, CancellationToken cancellationToken)
        => gateway.Id == _self.Id ? _orders.ExecuteAsync(order) : _orders.AskAsync(gateway, order, cancellationToken);

    /// <inheritdoc/>
    public void Attach(Func<GatewayOrder, Task<GatewayReport>> gateway) => _orders.Here = gateway;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ClusterView> WatchViewsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<ClusterView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_watching)
        {
            _watchers.Add(channel);
            channel.Writer.TryWrite(View);
        }

        try
        {
            await foreach (var view in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return view;
            }
        }
        finally
        {
            lock (_watching)
            {
                _watchers.Remove(channel);
            }
        }
    }

    private bool DeliverHere(ClusterSnapshot chosen, ToRoom message)
    {
        var taken = _region?.Deliver(message) ?? false;
        if (!ReferenceEquals(chosen, _now))
        {
            // The view changed meanwhile, and the look at all rooms may have come too early for one that this has started.
            KeepOwned();
        }

        return taken;
    }

    private void KeepOwned()
    {
        var map = _now.Map;
        _region?.Keep(room => map.OwnerOf(room)?.Id == _self.Id);
    }

    private void CompareView(long number)
    {
        if (number > _now.View.Number)
        {
            _newerViewSeen(number);
        }
    }

    private void Send(string peer, LinkMessage message)
    {
        if (_now.Nodes.TryGetValue(peer, out var node))
        {
            _links.Send(node, message);
        }
    }
}
