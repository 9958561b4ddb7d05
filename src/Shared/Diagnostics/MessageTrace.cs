using System.Diagnostics;

namespace ClusterChat.Diagnostics;

/// <summary>What a traced message carries with it, from part to part and from node to node.</summary>
/// <param name="Parent">The span that all others of the message belong to: that of the gateway which took it.</param>
/// <param name="SentAt">When it was handed to the way on which it is, by the sender's clock.</param>
public sealed record MessageTrace(ActivityContext Parent, DateTimeOffset SentAt);
