using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Sharding;
using ClusterChat.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster;

/// <summary>
/// The engine of this project's own cluster: rooms are owned by shards' nodes, and messages to and from them go
/// over links.
/// </summary>
/// <remarks>
/// It keeps nothing but the newest view and its map. Each message to a room carries the number of the view under
/// which the owner was chosen. Who gets one for a room that it does not own, by the view it knows, says so with
/// its own number, and whoever is behind reads the table of nodes; the gateway tries again. In between, two nodes
/// may hold themselves for the owner of a room: the journal takes the appends of one of them only.
/// </remarks>
public sealed class ShardedRoomCluster : IRoomCluster, IGatewayLinks, ILinkReceiver
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(1);
    private static readonly ProtocolError Busy = new(ErrorCode.Busy, "The room has too much to do right now.", RetryMs: 200);

    private readonly ClusterNode _self;
    private readonly INodeLinks _links;
    private readonly ILinkReceiver _membership;
    private readonly Action<long> _newerViewSeen;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<RoomListing?>> _lists = [];
    private readonly Lock _watching = new();
    private readonly List<Channel<ClusterView>> _watchers = [];
    private IRoomMessageSink? _sink;
    private IRoomRegion? _region;
    private long _lastRequest;
    private volatile Snapshot _now;

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
        _logger = logger;
        _self = self;
        _links = links;
        _membership = membership;
        _newerViewSeen = newerViewSeen;
        _clock = clock;
        _now = new Snapshot(new ClusterView(0, []));
        links.Attach(this);
    }

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

        var now = new Snapshot(view);
        _now = now;
        KeepOwned();
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
    public async ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var asked = new List<Task<RoomListing?>>();
        foreach (var node in _now.View.Nodes.Where(n => n.Roles.HasFlag(NodeRoles.Rooms) && n.Id != _self.Id))
        {
            asked.Add(AskAsync(node, prefix, after, limit, cancellationToken));
        }

        var rooms = new SortedDictionary<string, ListedRoom>(Utf8Order.Instance);
        var more = false;
        if (_region is { } region)
        {
            Merge(await region.ListRoomsAsync(prefix, after, limit, cancellationToken));
        }

        foreach (var answer in asked)
        {
            // A node that does not answer costs the counts of its rooms; the names are in the journal.
            if (await answer is { } listing)
            {
                Merge(listing);
            }
        }

        return new RoomListing([.. rooms.Values.Take(limit)], more || rooms.Count > limit);

        void Merge(RoomListing listing)
        {
            more |= listing.More;
            foreach (var room in listing.Rooms)
            {
                rooms[room.Room] = rooms.TryGetValue(room.Room, out var known)
                    ? new ListedRoom(room.Room, Math.Max(known.Count, room.Count), Math.Max(known.Seq, room.Seq))
                    : room;
            }
        }
    }

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

    /// <inheritdoc/>
    public void Receive(string peer, LinkMessage message)
    {
        switch (message)
        {
            case ToRoomLink toRoom:
                OnToRoom(peer, toRoom);
                break;
            case FromRoomLink fromRoom:
                _sink?.Deliver(fromRoom.Message);
                break;
            case HeadsLink heads:
                _sink?.DeliverHeads(heads.Heads);
                break;
            case NotOwnerLink notOwner:
                CompareView(notOwner.View);
                _sink?.Deliver(new StreamEnded(notOwner.Room, notOwner.Stream));
                break;
            case ListRoomsLink list:
                // Never fails: what goes wrong is logged, and answered with nothing.
                _ = AnswerListAsync(peer, list);
                break;
            case RoomsListedLink listed:
                if (_lists.TryRemove(listed.Request, out var waiting))
                {
                    waiting.TrySetResult(listed.Listing);
                }

                break;
            default:
                _membership.Receive(peer, message);
                break;
        }
    }

    /// <inheritdoc/>
    public void PeerChanged(string peer, LinkState state)
    {
        if (state != LinkState.Connected && _now.Nodes.TryGetValue(peer, out var node))
        {
            // What was on the way is lost: the streams to its rooms are opened anew as soon as it can be reached.
            var map = _now.Map;
            _sink?.OwnersChanged(room => map.OwnerOf(room)?.Id == node.Id);
        }

        _membership.PeerChanged(peer, state);
    }

    private void OnToRoom(string peer, ToRoomLink link)
    {
        CompareView(link.View);
        var now = _now;
        var message = link.Message;
        if (_region is null || now.Map.OwnerOf(message.Room)?.Id != _self.Id)
        {
            Send(peer, new NotOwnerLink(message.Room, message.Stream, now.View.Number));
        }
        else if (!DeliverHere(now, message))
        {
            FromRoom? refusal = message switch
            {
                Write write => new WritesDone(write.Room, write.Stream, [new WriteDone(write.Number, 0, 0, false, Busy)]),
                Enter enter => new Refused(enter.Room, enter.Stream, enter.Request, Busy),
                ReadEvents read => new Refused(read.Room, read.Stream, read.Request, Busy),
                ListMembers list => new Refused(list.Room, list.Stream, list.Request, Busy),
                Subscribe => new StreamEnded(message.Room, message.Stream),
                _ => null,
            };
            if (refusal is not null)
            {
                Tell(message.Gateway, refusal);
            }
        }
    }

    private bool DeliverHere(Snapshot chosen, ToRoom message)
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

    private async Task<RoomListing?> AskAsync(ClusterNode node, string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<RoomListing?>();
        _lists[request] = answer;
        try
        {
            return _links.Send(node, new ListRoomsLink(request, prefix, after, limit))
                ? await answer.Task.WaitAsync(ListTimeout, _clock, cancellationToken)
                : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _lists.TryRemove(request, out _);
        }
    }

    private async Task AnswerListAsync(string peer, ListRoomsLink list)
    {
        RoomListing? listing = null;
        try
        {
            listing = _region is { } region
                ? await region.ListRoomsAsync(list.Prefix, list.After, list.Limit, CancellationToken.None)
                : null;
        }
        catch (Exception error)
        {
            _logger.ListFailed(peer, error.Message);
        }

        Send(peer, new RoomsListedLink(list.Request, listing));
    }

    private sealed class Snapshot(ClusterView view)
    {
        public ClusterView View { get; } = view;

        public ShardMap Map { get; } = new(view);

        public Dictionary<string, ClusterNode> Nodes { get; } = view.Nodes.ToDictionary(n => n.Id, StringComparer.Ordinal);
    }
}
