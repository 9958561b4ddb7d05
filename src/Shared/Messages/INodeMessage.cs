namespace ClusterChat.Messages;

/// <summary>A message between actors of two nodes that belongs to no stream: neither a <c>ToRoom</c> nor a <c>FromRoom</c>.</summary>
/// <remarks>It is delivered at most once. Whoever needs an answer numbers the request and repeats it.</remarks>
public interface INodeMessage;
