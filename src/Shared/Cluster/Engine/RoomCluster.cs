using Akka.Actor;
using Akka.Event;
using ClusterChat.Diagnostics;
using ClusterChat.Messages;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Engine;

/// <summary>
/// The cluster as a node's gateway and rooms see it: sharding finds the rooms, and each node's <see cref="NodeActor"/> takes what is for
/// its gateway.
/// </summary>
/// <remarks>
/// <para>
/// A subscription is opened through the shard region, which activates the room. From then on the room is told directly, see <see cref="RoomWays"/>. Whoever lost
/// the way (the room stopped, its node is gone, its owner is silent) opens the subscription anew, and so finds the room's next place.
/// </para>
/// <para>
/// It promises no more than Akka: a message is delivered at most once. All else is end to end, see <see cref="IRoomCluster"/>.
/// </para>
/// </remarks>
public sealed class RoomCluster : IRoomCluster, IGatewayLinks, IGatewayOrders, IRoomKeepers
{
    private readonly IClusterNodes _nodes;
    private readonly NodeRequests _requests;
    private readonly GatewayFlows _flows;

    private readonly RoomWays _ways = new();
    private IRoomMessageSink? _sink;
    private IRoomsNode? _rooms;
    private Func<GatewayOrder, Task<GatewayReport>>? _gateway;
    private volatile IActorRef? _region;
    private IActorRef? _self;

    /// <summary>Creates it. Nothing is sent before <see cref="Start"/>.</summary>
    /// <param name="nodes">Who is there.</param>
    /// <param name="limits">What may be on its way to one gateway.</param>
    /// <param name="clock">The clock of time-outs.</param>
    /// <param name="logger">The log.</param>
    public RoomCluster(IClusterNodes nodes, FlowLimits limits, TimeProvider clock, ILogger<RoomCluster> logger)
    {
        _nodes = nodes;
        _requests = new NodeRequests(clock);
        _flows = new GatewayFlows(limits, clock);
        Logger = logger;
    }

    /// <summary>Null: what comes from other nodes is not traced here.</summary>
    public MessageTraces? Traces { get; init; }

    /// <inheritdoc/>
    public string Self => _nodes.Self.Id;

    /// <inheritdoc/>
    public ClusterView View => _nodes.View;

    /// <inheritdoc/>
    public IReadOnlyList<ClusterNode> Gateways
        => [.. View.Nodes.Where(n => n.Roles.HasFlag(NodeRoles.Gateway)).OrderBy(n => n.Name, StringComparer.Ordinal)];

    /// <summary>What is dropped on the way to gateways, since the start.</summary>
    public long Dropped => _flows.Dropped;

    internal ILogger Logger { get; }

    internal IRoomsNode? Rooms => _rooms;

    internal Func<GatewayOrder, Task<GatewayReport>>? Gateway => _gateway;

    internal NodeRequests Requests => _requests;

    internal GatewayFlows Flows => _flows;

    /// <summary>Starts this node's door for other nodes.</summary>
    public IActorRef StartActor(ActorSystem system) => system.ActorOf(Props.Create(() => new NodeActor(this)), NodeActor.Name);

    /// <summary>Lets messages go.</summary>
    /// <param name="region">The shard region of rooms, or its proxy.</param>
    /// <param name="self">This node's <see cref="NodeActor"/>.</param>
    public void Start(IActorRef region, IActorRef self) => (_region, _self) = (region, self);

    /// <summary>Says where this node's rooms are. Called once, before <see cref="Start"/>; not on a node without them.</summary>
    public void Attach(IRoomsNode rooms) => _rooms = rooms;

    /// <inheritdoc/>
    public void Attach(IRoomMessageSink sink) => _sink = sink;

    /// <inheritdoc/>
    public void Attach(Func<GatewayOrder, Task<GatewayReport>> gateway) => _gateway = gateway;

    /// <inheritdoc/>
    public void Tell(ToRoom message)
    {
        if (message.Gateway == Self)
        {
            _ways.Tell(message, _region, _self);
        }
        else
        {
            // An operator's, which nobody answers.
            _region?.Tell(message, _self);
        }
    }

    /// <inheritdoc/>
    public void Tell(string gateway, FromRoom message, IActorRef room)
    {
        if (gateway == Self)
        {
            Deliver(message, room);
        }
        else if (_nodes.Find(gateway) is var node && !node.IsNobody() && _flows.TryPass(gateway, message, node, _self!))
        {
            node.Tell(message, room);
        }
    }

    /// <inheritdoc/>
    public void TellHeads(string gateway, IReadOnlyList<RoomHead> heads)
    {
        if (gateway == Self)
        {
            _sink?.DeliverHeads(heads);
        }
        else
        {
            var node = _nodes.Find(gateway);
            foreach (var part in heads.Chunk(HeadsInMessage))
            {
                var message = new HeadsRepeated(part);
                if (!node.IsNobody() && _flows.TryPass(gateway, message, node, _self!))
                {
                    node.Tell(message, _self);
                }
            }
        }
    }

    /// <inheritdoc/>
    public int Offer(long request, string room, RoomHandover state, IActorRef actor)
    {
        var told = 0;
        foreach (var node in View.Nodes.Where(n => n.Offers(NodeRoles.Rooms) && (n.IsReachable || state.IsNothing) && n.Id != Self))
        {
            _nodes.Find(node.Id).Tell(new KeepRoom(request, room, state), actor);
            told++;
        }

        return told;
    }

    /// <inheritdoc/>
    public async ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var asked = new List<Task<RoomListing?>>();
        foreach (var node in View.Nodes.Where(n => n.Roles.HasFlag(NodeRoles.Rooms) && n.Id != Self))
        {
            asked.Add(_requests.AskAsync<RoomListing>(
                request => _nodes.Find(node.Id).Tell(new ListRooms(request, prefix, after, limit), _self), ListTimeout, cancellationToken));
        }

        var rooms = new MergedListing();
        if (_rooms is not null)
        {
            rooms.Add(await _rooms.ListRoomsAsync(prefix, after, limit, cancellationToken));
        }

        foreach (var answer in asked)
        {
            // A node that does not answer costs the counts of its rooms; the names are in the journal.
            if (await answer is { } listing)
            {
                rooms.Add(listing);
            }
        }

        return rooms.Take(limit);
    }

    /// <inheritdoc/>
    public Task<GatewayReport?> AskAsync(ClusterNode gateway, GatewayOrder order, CancellationToken cancellationToken)
        => gateway.Id == Self
            ? NodeActor.CarryOutAsync(this, order)
            : _requests.AskAsync<GatewayReport>(request => _nodes.Find(gateway.Id).Tell(new OrderGateway(request, order), _self), OrderTimeout, cancellationToken);

    /// <summary>A message for this node's gateway has come.</summary>
    /// <param name="message">The message.</param>
    /// <param name="room">The room's actor, which sent it.</param>
    public void Deliver(FromRoom message, IActorRef room)
    {
        switch (message)
        {
            case Subscribed subscribed when !_ways.Opened(subscribed, room, _self):
                // The opening was late, at another owner perhaps than the one that has the stream behind it: whom that said to be there, nobody would take out here.
                room.Tell(new Unsubscribe(subscribed.Room, Self, subscribed.Stream), _self);
                break;
            case StreamEnded ended:
                _ways.Ended(ended);
                break;
        }

        _sink?.Deliver(message);
    }

    /// <summary>This node is on its way out: the others do not send clients here, and know that they may be the last.</summary>
    public void BeginDrain()
    {
        foreach (var node in View.Nodes.Where(n => n.Id != Self))
        {
            _nodes.Find(node.Id).Tell(new Draining(Self), _self);
        }
    }

    /// <summary>
    /// Opens no more streams. For a node that has no clients any more: what its shard region kept for rooms that find no other place would hold up
    /// its leaving.
    /// </summary>
    public void Close() => _region = null;

    /// <summary>Another node is on its way out.</summary>
    public void Leaves(string id) => _nodes.Leaves(id);

    /// <summary>Heads have come.</summary>
    public void Deliver(HeadsRepeated heads) => _sink?.DeliverHeads(heads.Heads);

    /// <summary>A node is gone for good: its gateway's members leave the rooms here, and the streams to its rooms are opened anew.</summary>
    public void NodeGone(ClusterNode node, Address address)
    {
        _flows.Forget(node.Id);
        _rooms?.RemoveGateway(node.Id);
        var lost = _ways.Lose(address);
        if (lost.Count > 0)
        {
            _sink?.OwnersChanged(lost.Contains);
        }
    }

    // A sender splits long lists: some 50 KB.
    private const int HeadsInMessage = 1000;

    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(1);

    // A gateway of 100,000 connections lists them in well under a second.
    private static readonly TimeSpan OrderTimeout = TimeSpan.FromSeconds(3);
}
