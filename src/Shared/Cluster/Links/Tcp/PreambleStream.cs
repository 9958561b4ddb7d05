using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>Reads and writes the messages of the preamble, and nothing beyond them.</summary>
internal sealed class PreambleStream(PipeReader input, PipeWriter output)
{
    public const int MaxBytes = 4096;
    private const int HeaderBytes = 6;

    private static ReadOnlySpan<byte> Magic => "CCLK"u8;

    public async ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        var size = message.CalculateSize();
        var frame = new byte[HeaderBytes + size];
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Magic.Length), checked((ushort)size));
        message.WriteTo(frame.AsSpan(HeaderBytes));
        await output.WriteAsync(frame, cancellationToken);
    }

    /// <summary>Reads a message.</summary>
    /// <returns>The message, and its bytes as they came.</returns>
    /// <exception cref="PreambleException">It is not one, or the peer closed the connection.</exception>
    public async ValueTask<(T Message, byte[] Bytes)> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryTake(ref buffer) is { } bytes)
            {
                input.AdvanceTo(buffer.Start);
                return (Parse(parser, bytes), bytes);
            }

            if (result.IsCompleted)
                throw new PreambleException(Wire.Fault.Closed);
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static T Parse<T>(MessageParser<T> parser, byte[] bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new PreambleException(Wire.Fault.NotOurs);
        }
    }

    private static byte[]? TryTake(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var known = (int)Math.Min(HeaderBytes, buffer.Length);
        buffer.Slice(0, known).CopyTo(header);
        var magic = Math.Min(known, Magic.Length);
        if (!header[..magic].SequenceEqual(Magic[..magic]))
            throw new PreambleException(Wire.Fault.NotOurs);
        if (known < HeaderBytes)
            return null;
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[Magic.Length..]);
        if (length > MaxBytes)
            throw new PreambleException(Wire.Fault.TooLong);
        if (buffer.Length < HeaderBytes + length)
            return null;
        var bytes = buffer.Slice(HeaderBytes, length).ToArray();
        buffer = buffer.Slice(HeaderBytes + length);
        return bytes;
    }
}
