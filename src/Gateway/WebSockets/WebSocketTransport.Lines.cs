using System.Buffers;

namespace ClusterChat.Gateway.WebSockets;

/// <content>Lines in frames: several in one, or a long one by itself.</content>
internal sealed partial class WebSocketTransport
{
    // As much as the largest frame of several lines by default.
    private const int LongLine = 64 * 1024;

    private async ValueTask SendSlowlyAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        await TakeTurnAsync();
        try
        {
            for (var next = 0; next < lines.Count;)
            {
                var (end, payloadLength) = Measure(lines, next);
                var isLong = payloadLength > LongLine;
                var buffer = ArrayPool<byte>.Shared.Rent(MaxOwedLength + FrameWriter.HeaderLength(payloadLength) + (isLong ? 0 : payloadLength));
                Volatile.Write(ref _rented, buffer.Length);
                try
                {
                    var length = TakeOwed(buffer, out var stillOpen);
                    if (stillOpen)
                    {
                        length += isLong
                            ? FrameWriter.WriteHeader(buffer.AsSpan(length), Opcode.Text, payloadLength)
                            : WriteFrame(buffer.AsSpan(length), lines, next, end, payloadLength);
                    }

                    await WriteAsync(buffer.AsMemory(0, length));
                    if (!stillOpen)
                    {
                        throw new IOException("The WebSocket is closed.");
                    }

                    if (isLong)
                    {
                        await WriteLongAsync(lines[next]);
                    }
                }
                finally
                {
                    Volatile.Write(ref _rented, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                }

                next = end;
            }
        }
        finally
        {
            EndTurn();
        }
    }

    /// <summary>In parts, so that it shows that the client takes them.</summary>
    private async ValueTask WriteLongAsync(ReadOnlyMemory<byte> line)
    {
        for (; !line.IsEmpty; line = line[Math.Min(line.Length, LongLine)..])
        {
            await WriteAsync(line[..Math.Min(line.Length, LongLine)]);
        }
    }

    private static int WriteFrame(Span<byte> destination, IReadOnlyList<ReadOnlyMemory<byte>> lines, int first, int end, int payloadLength)
    {
        var at = FrameWriter.WriteHeader(destination, Opcode.Text, payloadLength);
        for (var i = first; i < end; i++)
        {
            if (i > first)
            {
                destination[at++] = (byte)'\n';
            }

            var line = lines[i].Span;
            line.CopyTo(destination[at..]);
            at += line.Length;
        }

        return at;
    }

    /// <summary>How many lines go in the next frame, at least one, and the length of its payload.</summary>
    private (int End, int PayloadLength) Measure(IReadOnlyList<ReadOnlyMemory<byte>> lines, int first)
    {
        var length = lines[first].Length;
        var end = first + 1;
        while (end < lines.Count && length + 1 + lines[end].Length <= limits.MaxSendFrameBytes)
        {
            length += 1 + lines[end].Length;
            end++;
        }

        return (end, length);
    }
}
