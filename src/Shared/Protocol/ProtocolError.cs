namespace ClusterChat.Protocol;

/// <summary>A refusal, as the client gets it.</summary>
/// <param name="Code">The kind.</param>
/// <param name="Message">For people: which field and why.</param>
/// <param name="RetryMs">When to try again, in milliseconds; 0 where it makes no difference. On the wire only where it is positive.</param>
public sealed record ProtocolError(ErrorCode Code, string Message, int RetryMs = 0)
{
    /// <summary>
    /// Whether the client should send the very same request again. Of a name that is taken this depends on the case: who comes back to a room is to try
    /// again, and is told when.
    /// </summary>
    public bool IsTemporary => ErrorCodes.IsTemporary(Code) || (Code == ErrorCode.NameTaken && RetryMs > 0);
}
