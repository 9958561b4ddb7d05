using System.Buffers.Binary;
using System.Text;

namespace ClusterChat.Siege.Net;

/// <summary>What goes over the wire, made once and sent often.</summary>
internal static class Bytes
{
    private const byte FinalText = 0x81, FinalPong = 0x8A, Masked = 0x80;

    /// <summary>A request without a body.</summary>
    /// <param name="path">With its query.</param>
    /// <param name="headers">Further ones, each with its line's end.</param>
    public static byte[] Get(string path, string headers = "")
        => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: siege\r\n{headers}\r\n");

    /// <summary>Asks for a WebSocket of the JSON protocol.</summary>
    public static byte[] Upgrade(string headers = "") => Get(
        "/ws",
        $"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}");

    /// <summary>A text frame.</summary>
    public static byte[] Text(string text) => Frame(FinalText, Encoding.UTF8.GetBytes(text));

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload) => Frame(FinalPong, payload);

    /// <summary>The beginning of a text frame that never ends.</summary>
    /// <param name="length">What its header says.</param>
    /// <param name="sent">How much of it there is.</param>
    public static byte[] HalfText(int length, int sent)
    {
        var payload = new byte[length];
        Array.Fill(payload, (byte)' ');
        return Frame(FinalText, payload)[..^(length - sent)];
    }

    // The mask is of zeros: the payload stays as it is.
    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        var extended = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + extended + 4 + payload.Length];
        frame[0] = first;
        frame[1] = (byte)(Masked | (extended == 0 ? payload.Length : extended == 2 ? 126 : 127));
        if (extended == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        else if (extended == 8)
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
        payload.CopyTo(frame.AsSpan(frame.Length - payload.Length));
        return frame;
    }
}
