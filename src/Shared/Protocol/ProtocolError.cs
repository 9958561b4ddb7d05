namespace ClusterChat.Protocol;

/// <summary>A refusal, as the client gets it.</summary>
/// <param name="Code">The kind.</param>
/// <param name="Message">For people: which field and why.</param>
/// <param name="RetryMs">When to try again, in milliseconds; 0 where it makes no difference. On the wire only where it is positive.</param>
public sealed record ProtocolError(ErrorCode Code, string Message, int RetryMs = 0);
