using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>What became of an attempt to read a frame's header.</summary>
internal enum FrameHeaderStatus
{
    /// <summary>The header is not complete yet.</summary>
    Incomplete,

    /// <summary>The header is whole and keeps the rules that can be judged without the frames before it.</summary>
    Complete,

    /// <summary>The header breaks a rule; what comes after it cannot be told apart any more.</summary>
    Invalid,
}

/// <summary>The header of a client's frame, RFC 6455, section 5.2.</summary>
/// <param name="Opcode">The frame's type.</param>
/// <param name="IsFinal">The message ends with this frame.</param>
/// <param name="PayloadLength">What the header claims, in bytes, up to 2^63-1; nothing was set aside for it.</param>
/// <param name="MaskKey">The four bytes of the key, in the order of the wire, read as a native integer.</param>
/// <param name="Length">The length of the header itself: 6, 8 or 14 bytes.</param>
internal readonly record struct FrameHeader(Opcode Opcode, bool IsFinal, long PayloadLength, uint MaskKey, int Length)
{
    /// <summary>The longest header of a masked frame, in bytes.</summary>
    public const int MaxLength = 14;

    /// <summary>The longest payload of a control frame, in bytes.</summary>
    public const int MaxControlPayload = 125;

    /// <summary>Whether the frame may stand between the fragments of a message.</summary>
    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>
    /// Reads the header at the start of <paramref name="bytes"/>. No verdict before the second byte, so that it
    /// does not depend on how the bytes were cut into reads.
    /// </summary>
    public static FrameHeaderStatus Parse(ReadOnlySpan<byte> bytes, out FrameHeader header, out string violation)
    {
        header = default;
        violation = "";
        if (bytes.Length < 2)
        {
            return FrameHeaderStatus.Incomplete;
        }

        var opcode = (Opcode)(bytes[0] & 0x0F);
        var isFinal = (bytes[0] & 0x80) != 0;
        var shortLength = bytes[1] & 0x7F;
        if (Judge(bytes[0], bytes[1], opcode, isFinal, shortLength) is { } broken)
        {
            violation = broken;
            return FrameHeaderStatus.Invalid;
        }

        var extended = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        var length = 2 + extended + sizeof(uint);
        if (bytes.Length < length)
        {
            return FrameHeaderStatus.Incomplete;
        }

        var payloadLength = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => shortLength,
        };
        if (payloadLength < 0 || (extended == 2 && payloadLength < 126) || (extended == 8 && payloadLength <= ushort.MaxValue))
        {
            violation = "frame length not in its shortest form";
            return FrameHeaderStatus.Invalid;
        }

        var key = MemoryMarshal.Read<uint>(bytes[(2 + extended)..]);
        header = new FrameHeader(opcode, isFinal, payloadLength, key, length);
        return FrameHeaderStatus.Complete;
    }

    private static string? Judge(byte first, byte second, Opcode opcode, bool isFinal, int shortLength)
    {
        if ((first & 0x70) != 0)
        {
            return "reserved bits set";
        }

        if (opcode is (> Opcode.Binary and < Opcode.Close) or > Opcode.Pong)
        {
            return "reserved opcode";
        }

        if ((second & 0x80) == 0)
        {
            return "frame not masked";
        }

        if (opcode < Opcode.Close)
        {
            return null;
        }

        if (!isFinal)
        {
            return "control frame in fragments";
        }

        return shortLength > MaxControlPayload ? "control frame over 125 bytes" : null;
    }
}
