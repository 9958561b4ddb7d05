namespace ClusterChat.Gateway.WebSockets;

/// <summary>What a <see cref="FrameReader"/> found.</summary>
internal enum FrameEventKind
{
    /// <summary>Nothing whole in what is there; the input is used up.</summary>
    None,

    /// <summary>A whole text message, valid UTF-8; the payload is all its fragments.</summary>
    Text,

    /// <summary>A binary message begins. It is not read: there is no use for one.</summary>
    Binary,

    /// <summary>A ping; the payload is to be sent back.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A close frame; the payload is the reason, valid UTF-8.</summary>
    Close,

    /// <summary>The client broke a rule.</summary>
    Violation,
}

/// <summary>One finding of a <see cref="FrameReader"/>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">Its bytes, unmasked; valid until the reader's next call.</param>
/// <param name="CloseCode">The code of a close frame, <see cref="CloseCodes.None"/> if it has none.</param>
/// <param name="Reason">Which rule was broken; for logs, no part of it comes from the client.</param>
internal readonly record struct FrameEvent(FrameEventKind Kind, ReadOnlyMemory<byte> Payload, ushort CloseCode, string Reason)
{
    /// <summary>An event with nothing but a payload.</summary>
    public static FrameEvent Of(FrameEventKind kind, ReadOnlyMemory<byte> payload = default) => new(kind, payload, 0, "");

    /// <summary>A close frame.</summary>
    public static FrameEvent Closed(ushort code, ReadOnlyMemory<byte> reason) => new(FrameEventKind.Close, reason, code, "");

    /// <summary>A broken rule.</summary>
    public static FrameEvent Violated(string reason) => new(FrameEventKind.Violation, default, 0, reason);
}
