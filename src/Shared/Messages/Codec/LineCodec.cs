using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ClusterChat.Messages.Codec;

/// <summary>Lines in generated messages: copied once on the way out, into the body, and once on the way in, out of it.</summary>
internal static class LineCodec
{
    public static void Add(RepeatedField<ByteString> wire, IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        wire.Capacity = lines.Count;
        foreach (var line in lines)
        {
            wire.Add(UnsafeByteOperations.UnsafeWrap(line));
        }
    }

    public static ReadOnlyMemory<byte>[] Decode(RepeatedField<ByteString> wire)
    {
        var lines = new ReadOnlyMemory<byte>[wire.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = wire[i].Memory;
        }

        return lines;
    }
}
