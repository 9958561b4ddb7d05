using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Unicode;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>Writes a server's frames: final, without extensions, not masked. All lengths are in bytes.</summary>
internal static class FrameWriter
{
    /// <summary>The longest header.</summary>
    public const int MaxHeaderLength = 10;

    /// <summary>The longest control frame: two bytes of header, 125 of payload.</summary>
    public const int MaxControlFrameLength = 2 + FrameHeader.MaxControlPayload;

    private const byte Final = 0x80;

    /// <summary>The length of the header of a frame with such a payload: 2, 4 or 10.</summary>
    public static int HeaderLength(int payloadLength) => payloadLength switch
    {
        <= 125 => 2,
        <= ushort.MaxValue => 4,
        _ => MaxHeaderLength,
    };

    /// <summary>Writes a header and returns its length.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the header.</exception>
    public static int WriteHeader(Span<byte> destination, Opcode opcode, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        var length = HeaderLength(payloadLength);
        if (destination.Length < length)
        {
            throw new ArgumentException("No room for the header.", nameof(destination));
        }

        destination[0] = (byte)(Final | (byte)opcode);
        switch (length)
        {
            case 2:
                destination[1] = (byte)payloadLength;
                break;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                break;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
                break;
        }

        return length;
    }

    /// <summary>Writes a whole text frame: what many connections get can be framed once.</summary>
    public static void WriteText(IBufferWriter<byte> destination, ReadOnlySpan<byte> payload)
    {
        var span = destination.GetSpan(MaxHeaderLength);
        destination.Advance(WriteHeader(span, Opcode.Text, payload.Length));
        destination.Write(payload);
    }

    /// <summary>Writes a ping or pong and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxControlFrameLength"/>.</param>
    /// <param name="opcode">A control frame's.</param>
    /// <param name="payload">At most 125 bytes.</param>
    public static int WriteControl(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, FrameHeader.MaxControlPayload);
        Debug.Assert(opcode >= Opcode.Close, "not a control frame");
        var header = WriteHeader(destination, opcode, payload.Length);
        payload.CopyTo(destination[header..]);
        return header + payload.Length;
    }

    /// <summary>Writes a close frame and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxControlFrameLength"/>.</param>
    /// <param name="code">The code; with <see cref="CloseCodes.None"/> the frame is empty.</param>
    /// <param name="reason">Cut after the last whole character that fits in 123 bytes of UTF-8.</param>
    public static int WriteClose(Span<byte> destination, ushort code, string reason)
    {
        if (code == CloseCodes.None)
        {
            return WriteControl(destination, Opcode.Close, default);
        }

        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        _ = Utf8.FromUtf16(reason, payload[2..], out _, out var written);
        return WriteControl(destination, Opcode.Close, payload[..(2 + written)]);
    }
}
