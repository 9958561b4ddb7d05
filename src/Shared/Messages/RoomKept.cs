namespace ClusterChat.Messages;

/// <summary>The answer to <see cref="KeepRoom"/>: the state is kept in the memory of the node that answers.</summary>
/// <param name="Request">The request's number.</param>
public sealed record RoomKept(long Request) : INodeMessage;
