using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using AkkaMember = Akka.Cluster.Member;

namespace ClusterChat.Cluster.Engine;

/// <summary>The nodes of Akka's cluster, as its events tell of them.</summary>
public sealed class ClusterNodes : IClusterNodes
{
    private const string NamePrefix = "node:";

    private readonly ExtendedActorSystem _system;
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly Func<long> _number;
    private readonly ILogger _logger;
    private volatile State _state;
    private volatile IActorRef? _watcher;

    /// <param name="system">The actor system, a member or on its way.</param>
    /// <param name="number">The number of the newest view that this node knows.</param>
    /// <param name="logger">The log.</param>
    public ClusterNodes(ActorSystem system, Func<long> number, ILogger<ClusterNodes> logger)
    {
        _logger = logger;
        _system = (ExtendedActorSystem)system;
        _cluster = Akka.Cluster.Cluster.Get(system);
        _number = number;
        Self = ToNode(_cluster.SelfUniqueAddress, _cluster.SelfRoles);
        _state = new State(new ClusterView(0, []), ImmutableDictionary<string, IActorRef>.Empty);
    }

    /// <inheritdoc/>
    public ClusterNode Self { get; }

    /// <inheritdoc/>
    public ClusterView View
    {
        get
        {
            var view = _state.View;
            return view.Nodes.IsEmpty ? view : view with { Number = _number() };
        }
    }

    /// <summary>The roles that a node of Akka's cluster has: what it does, and what it is called.</summary>
    public static IEnumerable<string> RolesOf(string name, NodeRoles roles)
    {
        foreach (var (role, text) in RoleNames.All)
        {
            if (roles.HasFlag(role))
            {
                yield return text;
            }
        }

        yield return NamePrefix + name;
    }

    /// <inheritdoc/>
    public void Leaves(string id) => _watcher?.Tell(new Left(id), ActorRefs.NoSender);

    /// <inheritdoc/>
    public IActorRef Find(string id) => _state.Actors.GetValueOrDefault(id, ActorRefs.Nobody);

    /// <summary>Follows the cluster's events from now on.</summary>
    /// <param name="gone">Called when a node has been downed, or removed; once for each, in a turn of the actor that follows.</param>
    public void Watch(Action<ClusterNode, Address> gone) => _watcher = _system.ActorOf(Props.Create(() => new Watcher(this, gone)), "cluster-nodes");

    private static ClusterNode ToNode(UniqueAddress address, IEnumerable<string> roles)
    {
        var (name, does) = (string.Create(CultureInfo.InvariantCulture, $"{address.Address.Host}:{address.Address.Port}"), NodeRoles.None);
        var place = name;
        foreach (var role in roles)
        {
            if (role.StartsWith(NamePrefix, StringComparison.Ordinal))
            {
                name = role[NamePrefix.Length..];
            }
            else
            {
                does |= RoleNames.Parse(role);
            }
        }

        return new ClusterNode(name, address.Uid.ToString("x8", CultureInfo.InvariantCulture), does, place);
    }

    private void Publish(IEnumerable<(AkkaMember Member, bool IsReachable)> members, HashSet<string> leaving)
    {
        var nodes = ImmutableArray.CreateBuilder<ClusterNode>();
        var actors = ImmutableDictionary.CreateBuilder<string, IActorRef>(StringComparer.Ordinal);
        foreach (var (member, isReachable) in members)
        {
            var node = ToNode(member.UniqueAddress, member.Roles);
            node = node with { IsLeaving = member.Status is not MemberStatus.Up || leaving.Contains(node.Id), IsReachable = isReachable };
            nodes.Add(node);
            actors[node.Id] = _system.Provider.ResolveActorRef(new RootActorPath(member.Address) / "user" / NodeActor.Name);
        }

        nodes.Sort(static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        var before = _state.View.Nodes;
        _state = new State(new ClusterView(0, nodes.ToImmutable()), actors.ToImmutable());
        if (!before.SequenceEqual(_state.View.Nodes))
        {
            _logger.NodesChanged(Self.Id, string.Join(", ", _state.View.Nodes.Select(n => n.Id + (n.IsReachable ? n.IsLeaving ? " (leaving)" : string.Empty : " (unreachable)"))));
        }
    }

    private sealed record Left(string Id);

    private sealed record State(ClusterView View, ImmutableDictionary<string, IActorRef> Actors);

    /// <summary>Keeps the list.</summary>
    private sealed class Watcher(ClusterNodes nodes, Action<ClusterNode, Address> gone) : UntypedActor
    {
        private readonly Dictionary<UniqueAddress, AkkaMember> _members = [];
        private readonly HashSet<UniqueAddress> _unreachable = [];
        private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);

        protected override void PreStart() => nodes._cluster.Subscribe(
            Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

        protected override void PostStop() => nodes._cluster.Unsubscribe(Self);

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ClusterEvent.MemberDowned or ClusterEvent.MemberRemoved:
                    Remove(((ClusterEvent.IMemberEvent)message).Member);
                    break;
                case ClusterEvent.MemberUp or ClusterEvent.MemberLeft or ClusterEvent.MemberExited:
                    var member = ((ClusterEvent.IMemberEvent)message).Member;
                    _members[member.UniqueAddress] = member;
                    break;
                case ClusterEvent.UnreachableMember unreachable:
                    _unreachable.Add(unreachable.Member.UniqueAddress);
                    break;
                case ClusterEvent.ReachableMember reachable:
                    _unreachable.Remove(reachable.Member.UniqueAddress);
                    break;
                case Left left:
                    _leaving.Add(left.Id);
                    break;
                default:
                    return;
            }

            nodes.Publish(_members.Values.Select(m => (m, !_unreachable.Contains(m.UniqueAddress))), _leaving);
        }

        private void Remove(AkkaMember member)
        {
            _unreachable.Remove(member.UniqueAddress);
            if (_members.Remove(member.UniqueAddress))
            {
                nodes.Publish(_members.Values.Select(m => (m, !_unreachable.Contains(m.UniqueAddress))), _leaving);
                gone(ToNode(member.UniqueAddress, member.Roles), member.Address);
            }
        }
    }
}
