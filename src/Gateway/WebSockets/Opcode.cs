namespace ClusterChat.Gateway.WebSockets;

/// <summary>The frame types of RFC 6455, section 5.2. From <see cref="Close"/> on they are control frames.</summary>
internal enum Opcode
{
    /// <summary>A further fragment of the message under way.</summary>
    Continuation = 0x0,

    /// <summary>The first, or only, fragment of a text message.</summary>
    Text = 0x1,

    /// <summary>The first, or only, fragment of a binary message.</summary>
    Binary = 0x2,

    /// <summary>Nothing but an answer to it follows.</summary>
    Close = 0x8,

    /// <summary>A question for a sign of life.</summary>
    Ping = 0x9,

    /// <summary>The answer to a ping, or an unasked sign of life.</summary>
    Pong = 0xA,
}
