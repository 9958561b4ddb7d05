using Akka.Actor;

namespace ClusterChat.Cluster.Engine;

/// <summary>Who is in the cluster, as this node sees it at the moment, and the way to each of them.</summary>
public interface IClusterNodes
{
    /// <summary>This node.</summary>
    ClusterNode Self { get; }

    /// <summary>The nodes; of higher numbers as they change. Read from any thread.</summary>
    ClusterView View { get; }

    /// <summary>A node has said that it is on its way out.</summary>
    /// <param name="id">The <see cref="ClusterNode.Id"/>.</param>
    void Leaves(string id);

    /// <summary>The <see cref="NodeActor"/> of a node; <see cref="ActorRefs.Nobody"/> where the node is not in the view.</summary>
    /// <param name="id">The <see cref="ClusterNode.Id"/>.</param>
    IActorRef Find(string id);
}
