namespace ClusterChat.Messages;

/// <summary>
/// The node that sends it is on its way out, well before it leaves the cluster: it sends its clients elsewhere. Nobody is to be sent to it. No answer.
/// </summary>
/// <param name="Node">Its <see cref="Cluster.ClusterNode.Id"/>.</param>
public sealed record Draining(string Node) : INodeMessage;
