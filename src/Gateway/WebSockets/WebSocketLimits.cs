namespace ClusterChat.Gateway.WebSockets;

/// <summary>How much one WebSocket may hold. All sizes are in bytes.</summary>
internal sealed record WebSocketLimits
{
    /// <summary>The limits of a connection that asks for nothing else.</summary>
    public static WebSocketLimits Default { get; } = new();

    /// <summary>
    /// The longest message that is taken from a client, over all its fragments. What the protocol allows depends on
    /// the longest text, so its endpoint sets it.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// The longest text frame that gathers several lines; a longer line has a frame of its own. The default
    /// leaves room for the header and control frames in a pooled buffer of 64 KiB.
    /// </summary>
    public int MaxSendFrameBytes { get; init; } = (64 * 1024) - 512;

    /// <summary>
    /// What one read asks for. 4,096: a page, and the segment of Kestrel's own pipes, so a larger one would
    /// rarely be filled.
    /// </summary>
    public int ReadBufferBytes { get; init; } = 4096;
}
