using System.Collections.Immutable;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>One engine among others of a test, which passes the messages on by hand.</summary>
internal sealed class EngineNode : INodeLinks, ILinkReceiver, IRoomRegion, IRoomMessageSink
{
    private readonly Queue<(string To, LinkMessage Message)> _sent = [];

    public EngineNode(string name, ManualClock clock)
    {
        Node = new ClusterNode(name, "1", NodeRoles.Gateway | NodeRoles.Rooms);
        Engine = new ShardedRoomCluster(Node, this, this, NewerViews.Add, clock, NullLogger<ShardedRoomCluster>.Instance);
        Engine.Attach((IRoomRegion)this);
        Engine.Attach((IRoomMessageSink)this);
    }

    public ClusterNode Node { get; }

    public ShardedRoomCluster Engine { get; }

    /// <summary>What the region and the gateway of the node were told, in order.</summary>
    public List<string> Told { get; } = [];

    public List<long> NewerViews { get; } = [];

    /// <summary>What went out and was not passed on yet.</summary>
    public IEnumerable<LinkMessage> Outgoing => _sent.Select(s => s.Message);

    public bool IsFull { get; set; }

    /// <summary>Which rooms the region was told last to keep.</summary>
    public Func<string, bool>? Keeps { get; private set; }

    public static ClusterView View(long number, params EngineNode[] nodes)
        => new(number, [.. nodes.Select(n => n.Node).OrderBy(n => n.Name, StringComparer.Ordinal)]);

    /// <summary>A room that a node owns in a view.</summary>
    public static string RoomOf(ClusterNode owner, params ClusterView[] views)
    {
        var maps = views.Select(v => new ClusterChat.Cluster.Sharding.ShardMap(v)).ToImmutableArray();
        return Enumerable.Range(0, 10_000).Select(i => $"room-{i}").First(r => maps.All(m => m.OwnerOf(r)?.Name == owner.Name));
    }

    /// <summary>Hands what this node sent to the others, in order.</summary>
    public void Flush(params EngineNode[] others)
    {
        while (_sent.TryDequeue(out var sent))
            others.FirstOrDefault(o => o.Node.Id == sent.To)?.Engine.Receive(Node.Id, sent.Message);
    }

    public IReadOnlyList<string> TakeTold()
    {
        var told = Told.ToArray();
        Told.Clear();
        return told;
    }

    public bool Send(ClusterNode peer, LinkMessage message)
    {
        if (IsFull && message is HandoverLink { State: not null } or AskHandoverLink)
            return !IsFull;
        _sent.Enqueue((peer.Id, message));
        return true;
    }

    public void SetPeers(IReadOnlyCollection<ClusterNode> peers) { }

    public void Attach(ILinkReceiver receiver) { }

    public void Receive(string peer, LinkMessage message) { }

    public void PeerChanged(string peer, LinkState state) { }

    bool IRoomRegion.Deliver(ToRoom message)
    {
        Told.Add($"{message.GetType().Name} {message.Stream}");
        return true;
    }

    void IRoomRegion.Keep(Func<string, bool> isOwned) => Keeps = isOwned;

    void IRoomRegion.TakeOver(string room, RoomHandover? state) => Told.Add($"TakeOver {state?.Log ?? "nothing"}");

    void IRoomRegion.GiveUp(string room) => Told.Add("GiveUp");

    void IRoomRegion.RemoveGateway(string gateway) { }

    ValueTask<RoomListing> IRoomRegion.ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => ValueTask.FromResult(new RoomListing([], false));

    void IRoomMessageSink.Deliver(FromRoom message) => Told.Add($"{message.GetType().Name} {message.Stream}");

    void IRoomMessageSink.DeliverHeads(IReadOnlyList<RoomHead> heads) { }

    void IRoomMessageSink.OwnersChanged(Func<string, bool> moved) => Told.Add("OwnersChanged");
}
