using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>Takes frames off what has come.</summary>
internal static class FrameReader
{
    private static readonly MessageParser<Wire.Batch> Parser = Wire.Batch.Parser.WithDiscardUnknownFields(true);

    /// <param name="buffer">What has come; advanced past the frame.</param>
    /// <param name="maxFrameBytes">The longest frame; the length is checked before anything waits for its bytes.</param>
    /// <param name="batch">The envelopes.</param>
    /// <returns>False: the frame is not complete yet.</returns>
    /// <exception cref="InvalidDataException">Not a frame; the connection is of no more use.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxFrameBytes, out Wire.Batch batch)
    {
        batch = null!;
        if (buffer.Length < FrameWriter.HeaderBytes)
            return false;
        Span<byte> header = stackalloc byte[FrameWriter.HeaderBytes];
        buffer.Slice(0, FrameWriter.HeaderBytes).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > (uint)maxFrameBytes)
            throw new InvalidDataException($"A frame of {length} bytes is over the limit of {maxFrameBytes}.");
        if (buffer.Length - FrameWriter.HeaderBytes < length)
            return false;
        try
        {
            batch = Parser.ParseFrom(buffer.Slice(FrameWriter.HeaderBytes, length));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("A frame is not a batch of envelopes.", e);
        }

        buffer = buffer.Slice(FrameWriter.HeaderBytes + length);
        return true;
    }
}
