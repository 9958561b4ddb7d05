using System.Buffers.Binary;
using System.Text;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>Frames as a client sends them, and as one must not.</summary>
internal static class ClientFrames
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Text(string text, bool final = true) => Frame(Opcode.Text, Encoding.UTF8.GetBytes(text), final);

    public static byte[] Text(byte[] payload, bool final = true) => Frame(Opcode.Text, payload, final);

    public static byte[] More(string text, bool final = true) => More(Encoding.UTF8.GetBytes(text), final);

    public static byte[] More(byte[] payload, bool final = true) => Frame(Opcode.Continuation, payload, final);

    public static byte[] Ping(string payload = "") => Frame(Opcode.Ping, Encoding.UTF8.GetBytes(payload));

    public static byte[] Pong(string payload = "") => Frame(Opcode.Pong, Encoding.UTF8.GetBytes(payload));

    public static byte[] Close(ushort? code = null, string reason = "")
    {
        if (code is not { } number)
        {
            return Frame(Opcode.Close, []);
        }

        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, number);
        Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        return Frame(Opcode.Close, payload);
    }

    /// <param name="opcode">Any of 0 to 15.</param>
    /// <param name="payload">Not masked yet.</param>
    /// <param name="final">The FIN bit.</param>
    /// <param name="reserved">The RSV bits, 0 to 7.</param>
    /// <param name="masked">False breaks the rules.</param>
    /// <param name="lengthBytes">0, 2 or 8 bytes of extended length; null for the shortest form.</param>
    /// <param name="claimed">A length that the payload does not have.</param>
    public static byte[] Frame(
        Opcode opcode,
        byte[] payload,
        bool final = true,
        int reserved = 0,
        bool masked = true,
        int? lengthBytes = null,
        ulong? claimed = null)
    {
        var length = claimed ?? (ulong)payload.Length;
        var extended = lengthBytes ?? (length <= 125 ? 0 : length <= 65535 ? 2 : 8);
        var frame = new List<byte> { (byte)((final ? 0x80 : 0) | (reserved << 4) | (int)opcode) };
        var mask = masked ? 0x80 : 0;
        var wide = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(wide, length);
        switch (extended)
        {
            case 0:
                frame.Add((byte)(mask | (int)length));
                break;
            case 2:
                frame.Add((byte)(mask | 126));
                frame.AddRange(wide[6..]);
                break;
            default:
                frame.Add((byte)(mask | 127));
                frame.AddRange(wide);
                break;
        }

        if (masked)
        {
            frame.AddRange(Key);
        }

        frame.AddRange(payload.Select((b, i) => masked ? (byte)(b ^ Key[i % 4]) : b));
        return [.. frame];
    }

    public static byte[] Join(params byte[][] frames) => [.. frames.SelectMany(f => f)];
}
