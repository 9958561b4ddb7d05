using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>
/// Gathers envelopes into frames: a length of four bytes, big-endian, and a batch. A batch is written envelope by
/// envelope (a tag, a length, the envelope), which is what protobuf makes of the repeated field.
/// </summary>
internal sealed class FrameWriter(string self, int maxFrameBytes)
{
    public const int HeaderBytes = sizeof(int);

    /// <summary>The tag of <c>Batch.envelopes</c>: field 1, length-delimited.</summary>
    private const byte EnvelopeTag = 0x0A;

    // A burst leaves a large buffer behind; one of a quiet link should be small.
    private const int KeptBytes = 512 * 1024;

    private ArrayBufferWriter<byte> _buffer = new(4096);
    private int _frame = -1;

    /// <summary>The frames; valid until the next <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>Adds an envelope to the frame, or to a new one where it does not fit.</summary>
    /// <returns>False: it is too large for any frame, and was left out.</returns>
    public bool Add(LinkMessage message) => Add(LinkCodec.Encode(message, self));

    /// <inheritdoc cref="Add(LinkMessage)"/>
    public bool Add(Wire.Envelope envelope)
    {
        var size = envelope.CalculateSize();
        var total = 1 + CodedOutputStream.ComputeLengthSize(size) + size;
        if (total > maxFrameBytes)
            return false;
        if (_frame >= 0 && _buffer.WrittenCount - _frame - HeaderBytes + total > maxFrameBytes)
            EndFrame();
        if (_frame < 0)
        {
            _frame = _buffer.WrittenCount;
            _buffer.GetSpan(HeaderBytes)[..HeaderBytes].Clear();
            _buffer.Advance(HeaderBytes);
        }

        var span = _buffer.GetSpan(total)[..total];
        span[0] = EnvelopeTag;
        var at = 1;
        for (var rest = (uint)size; ; rest >>= 7)
        {
            span[at++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
                break;
        }

        envelope.WriteTo(span[at..]);
        _buffer.Advance(total);
        return true;
    }

    /// <summary>Writes the length of the last frame. Call it before <see cref="Written"/> is sent.</summary>
    public void EndFrame()
    {
        if (_frame < 0)
            return;
        var length = _buffer.WrittenCount - _frame - HeaderBytes;
        // The writer owns the array that it shows as read-only.
        var header = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span.Slice(_frame, HeaderBytes);
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        _frame = -1;
    }

    public void Clear()
    {
        _frame = -1;
        if (_buffer.Capacity > KeptBytes)
            _buffer = new ArrayBufferWriter<byte>(4096);
        else
            _buffer.ResetWrittenCount();
    }
}
