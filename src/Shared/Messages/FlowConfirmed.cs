namespace ClusterChat.Messages;

/// <summary>
/// The answer to <see cref="FlowMark"/>: it and whatever was sent before it has been handled, or is lost for good. So a
/// confirmation stands for those of all lower marks.
/// </summary>
/// <param name="Mark">The number of the mark.</param>
public sealed record FlowConfirmed(long Mark) : INodeMessage;
