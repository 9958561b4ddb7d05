namespace ClusterChat.Messages;

/// <summary>
/// A mark in the stream of events to a gateway. The gateway answers with <see cref="FlowConfirmed"/> when it has handled
/// what came before it: so the sender knows how much is under way, which Akka's unbounded buffers do not tell.
/// </summary>
/// <param name="Mark">The sender's number of the mark, ascending. It means nothing to the gateway.</param>
public sealed record FlowMark(long Mark) : INodeMessage;
