using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>
/// Repeats the heads of rooms to a gateway, for subscriptions that may have missed the last event before a silence. No answer.
/// </summary>
/// <param name="Heads">The rooms' heads, in any order.</param>
public sealed record HeadsRepeated(IReadOnlyList<RoomHead> Heads) : INodeMessage;
