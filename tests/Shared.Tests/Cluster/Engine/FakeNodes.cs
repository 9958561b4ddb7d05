using System.Collections.Immutable;
using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>Who is in the cluster, as the test says.</summary>
internal sealed class FakeNodes : IClusterNodes
{
    private readonly Dictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);

    public ClusterNode Self { get; } = Node("self");

    public ClusterView View { get; private set; } = new(1, [Node("self")]);

    public static ClusterNode Node(string name, NodeRoles roles = NodeRoles.Gateway | NodeRoles.Rooms) => new(name, "1", roles);

    public ClusterNode Add(ClusterNode node, IActorRef actor)
    {
        View = new ClusterView(View.Number + 1, View.Nodes.Add(node));
        _actors.Add(node.Id, actor);
        return node;
    }

    public void Remove(ClusterNode node)
    {
        View = new ClusterView(View.Number + 1, View.Nodes.Remove(node));
        _actors.Remove(node.Id);
    }

    /// <summary>Who has said that they leave.</summary>
    public List<string> Leaving { get; } = [];

    public void Leaves(string id) => Leaving.Add(id);

    public IActorRef Find(string id) => _actors.GetValueOrDefault(id, ActorRefs.Nobody);
}
