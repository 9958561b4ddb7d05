using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Messages;

namespace ClusterChat.TestKit;

/// <summary>A node's part in the modelled cluster: what it has heard of the others, and its ways to them.</summary>
internal sealed class ModelNode : IClusterNodes, IClusterViews
{
    private readonly Dictionary<(ModelNode, IActorRef), LinkRef> _refs = [];
    private readonly HashSet<ModelNode> _gone = [];
    private readonly TaskCompletionSource<string> _ended = new();
    private readonly ModelCluster _cluster;
    private ImmutableSortedDictionary<string, ModelNode> _known = ImmutableSortedDictionary.Create<string, ModelNode>(StringComparer.Ordinal);
    private RoomCluster? _rooms;

    /// <param name="cluster">The model.</param>
    /// <param name="self">The node.</param>
    /// <param name="store">Its process, and its way to the store.</param>
    /// <param name="system">Its actors.</param>
    public ModelNode(ModelCluster cluster, ClusterNode self, SimStoreAccess store, ActorSystem system)
    {
        (_cluster, Self, Store) = (cluster, self, store);
        Serializer = new ChatMessageSerializer((ExtendedActorSystem)system);
        Address = new Address("akka.tcp", system.Name, self.Name, int.Parse(self.Incarnation, CultureInfo.InvariantCulture));
    }

    public ClusterNode Self { get; }

    public SimStoreAccess Store { get; }

    public SimulatedProcess Process => Store.Process;

    /// <summary>No other start of a node has it.</summary>
    public Address Address { get; }

    public ChatMessageSerializer Serializer { get; }

    public ModelLinks Links => _cluster.Links;

    /// <summary>Its shard region.</summary>
    public IActorRef Region { get; private set; } = ActorRefs.Nobody;

    /// <summary>Its <see cref="NodeActor"/>.</summary>
    public IActorRef Door { get; private set; } = ActorRefs.Nobody;

    public ClusterView View { get; private set; } = new(0, []);

    public long? Number { get; private set; }

    /// <summary>Completes when it knows that it is no member any more, with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Says who hears of changes. Called once, before it joins.</summary>
    public void Open(RoomCluster rooms, IActorRef door, IActorRef region) => (_rooms, Door, Region) = (rooms, door, region);

    /// <summary>What the table says of leaving comes soon enough, and the model is allowed to know nothing earlier.</summary>
    public void Leaves(string id)
    {
    }

    public IActorRef Find(string id)
        => id == Self.Id ? Door : _known.TryGetValue(id, out var node) ? RefTo(node, node.Door) : ActorRefs.Nobody;

    public void Refresh() => _cluster.Table.Refresh(this);

    /// <summary>The way to an actor of another node.</summary>
    public IActorRef RefTo(ModelNode node, IActorRef actor)
    {
        if (!_refs.TryGetValue((node, actor), out var known))
        {
            _refs.Add((node, actor), known = new LinkRef(this, node, actor));
        }

        return known;
    }

    /// <summary>What another node's reference is here.</summary>
    /// <param name="reference">The reference, as that node has it.</param>
    /// <param name="of">That node.</param>
    public IActorRef? Localize(IActorRef? reference, ModelNode of)
    {
        if (reference.IsNobody())
        {
            return reference;
        }

        var (node, actor) = reference is LinkRef link ? (link.Node, link.Target) : (of, reference!);
        return node == this ? actor : RefTo(node, actor);
    }

    /// <summary>Whether it has heard that a node was removed: nothing goes there any more, nor comes from there.</summary>
    public bool HasForgotten(ModelNode node) => _gone.Contains(node);

    /// <summary>It hears of the nodes of a view. In its process.</summary>
    public void OnView(long number, IReadOnlyList<(ModelNode Node, ClusterNode Row)> rows)
    {
        if (_ended.Task.IsCompleted)
        {
            return;
        }

        if (number > View.Number)
        {
            var before = _known;
            _known = rows.ToImmutableSortedDictionary(r => r.Node.Self.Id, r => r.Node, StringComparer.Ordinal);
            View = new ClusterView(number, [.. rows.Select(r => r.Row).OrderBy(n => n.Name, StringComparer.Ordinal)]);
            Forget(before.Values.Where(n => !_known.ContainsKey(n.Self.Id)));
        }
        else
        {
            // It comes late: who was there then and is not now has gone, unheard of.
            Forget(rows.Select(r => r.Node).Where(n => !_known.ContainsKey(n.Self.Id)));
        }
    }

    /// <summary>It reads a number under which it is a member. In its process.</summary>
    public void OnNumber(long number)
    {
        if (!_ended.Task.IsCompleted)
        {
            Number = Math.Max(Number ?? 0, number);
        }
    }

    /// <summary>It learns that it is out. In its process.</summary>
    public void OnEnd(string reason)
    {
        Number = null;
        _ended.TrySetResult(reason);
    }

    private void Forget(IEnumerable<ModelNode> nodes)
    {
        foreach (var node in nodes)
        {
            if (_gone.Add(node))
            {
                _rooms!.NodeGone(node.Self, node.Address);
                Region.Tell(new NodeRemoved(node), ActorRefs.NoSender);
            }
        }
    }
}
