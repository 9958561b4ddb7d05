using System.Buffers.Binary;
using System.Text;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>A WebSocket frame from the server.</summary>
internal sealed record WireFrame(byte Opcode, byte[] Payload)
{
    public const byte Continuation = 0;
    public const byte TextFrame = 1;
    public const byte Binary = 2;
    public const byte CloseFrame = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The code of a close frame; 1005 if it has none.</summary>
    public int CloseCode => Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    /// <summary>The reason of a close frame.</summary>
    public string CloseReason => Payload.Length < 2 ? string.Empty : Encoding.UTF8.GetString(Payload.AsSpan(2));
}
