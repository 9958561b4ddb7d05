using System.Buffers.Binary;
using System.Text;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>A second opinion on what a server wrote: fails on anything but whole, final, unmasked frames.</summary>
internal static class ServerFrames
{
    public static List<(Opcode Opcode, string Payload)> Parse(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<(Opcode, string)>();
        while (!bytes.IsEmpty)
        {
            var opcode = (Opcode)(bytes[0] & 0x0F);
            (bytes[0] & 0xF0).ShouldBe(0x80);
            opcode.ShouldBeOneOf(Opcode.Text, Opcode.Close, Opcode.Ping, Opcode.Pong);
            var (header, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
                var small => (2, small),
            };
            var payload = bytes.Slice(header, length);
            frames.Add((opcode, opcode == Opcode.Close ? CloseText(payload) : Encoding.UTF8.GetString(payload)));
            bytes = bytes[(header + length)..];
        }

        return frames;
    }

    private static string CloseText(ReadOnlySpan<byte> payload)
        => payload.IsEmpty ? "" : $"{BinaryPrimitives.ReadUInt16BigEndian(payload)} {Encoding.UTF8.GetString(payload[2..])}".TrimEnd();
}
