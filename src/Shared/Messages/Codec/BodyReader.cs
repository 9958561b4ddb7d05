using System.Runtime.Serialization;
using System.Text;
using Google.Protobuf;

namespace ClusterChat.Messages.Codec;

/// <summary>
/// Reads the fields of a protobuf message one after the other. Bytes are not copied: they are slices of the body. Whatever is
/// wrong with the body is a <see cref="SerializationException"/>.
/// </summary>
/// <param name="body">The message.</param>
internal ref struct BodyReader(ReadOnlyMemory<byte> body)
{
    private readonly ReadOnlyMemory<byte> _memory = body;
    private readonly ReadOnlySpan<byte> _body = body.Span;
    private int _at;
    private WireFormat.WireType _type;

    /// <summary>The number of the field that <see cref="Next"/> has found. It is to be read or skipped.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False: there is none.</returns>
    public bool Next()
    {
        if (_at == _body.Length)
            return false;
        var tag = Varint();
        if (tag > uint.MaxValue || tag >> 3 == 0)
            throw new SerializationException("A field has no number.");
        Field = WireFormat.GetTagFieldNumber((uint)tag);
        _type = WireFormat.GetTagWireType((uint)tag);
        return true;
    }

    /// <summary>How many fields of a number are still to come.</summary>
    public readonly int Count(int field)
    {
        var ahead = this;
        var count = 0;
        while (ahead.Next())
        {
            if (ahead.Field == field)
                count++;
            ahead.Skip();
        }

        return count;
    }

    public long Number()
    {
        Expect(WireFormat.WireType.Varint);
        return (long)Varint();
    }

    public bool Flag() => Number() != 0;

    public string Text() => Encoding.UTF8.GetString(Bytes().Span);

    /// <returns>A slice of the body.</returns>
    public ReadOnlyMemory<byte> Bytes()
    {
        Expect(WireFormat.WireType.LengthDelimited);
        var length = Length();
        var bytes = _memory.Slice(_at, length);
        _at += length;
        return bytes;
    }

    /// <summary>Passes over the field.</summary>
    public void Skip()
    {
        switch (_type)
        {
            case WireFormat.WireType.Varint:
                Varint();
                break;
            case WireFormat.WireType.LengthDelimited:
                Pass(Length());
                break;
            case WireFormat.WireType.Fixed32:
                Pass(sizeof(uint));
                break;
            case WireFormat.WireType.Fixed64:
                Pass(sizeof(ulong));
                break;
            default:
                // Groups: proto3 has none.
                throw new SerializationException($"A field of type {_type}.");
        }
    }

    private readonly void Expect(WireFormat.WireType type)
    {
        if (_type != type)
            throw new SerializationException($"Field {Field} is of type {_type} instead of {type}.");
    }

    private int Length()
    {
        var length = Varint();
        return length <= (ulong)(_body.Length - _at) ? (int)length : throw Truncated();
    }

    private void Pass(int bytes)
    {
        if (bytes > _body.Length - _at)
            throw Truncated();
        _at += bytes;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at == _body.Length)
                throw Truncated();
            var next = _body[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new SerializationException("A number has more than ten bytes.");
    }

    private static SerializationException Truncated() => new("The body ends within a field.");
}
