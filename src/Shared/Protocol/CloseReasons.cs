namespace ClusterChat.Protocol;

/// <summary>What goes into the close frame, the log and the metric for each <see cref="CloseReason"/>.</summary>
public static class CloseReasons
{
    /// <summary>The WebSocket close code.</summary>
    public static ushort Code(this CloseReason reason) => (ushort)reason;

    /// <summary>The reason in the close frame, in lower case and at most 123 bytes, as RFC 6455 section 5.5 demands.</summary>
    public static string Text(this CloseReason reason) => reason switch
    {
        CloseReason.Normal => "normal",
        CloseReason.GoingAway => "going away",
        CloseReason.Shutdown => "shutdown",
        CloseReason.Slow => "slow",
        CloseReason.NoPong => "no pong",
        CloseReason.Rate => "rate",
        CloseReason.Unauthorized => "unauthorized",
        CloseReason.BadRequest => "bad request",
        CloseReason.Disconnected => "disconnected",
        CloseReason.ConnectionLimit => "connection limit",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a close reason."),
    };
}
