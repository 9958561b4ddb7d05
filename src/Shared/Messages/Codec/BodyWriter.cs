using System.Text;
using Google.Protobuf;

namespace ClusterChat.Messages.Codec;

/// <summary>
/// Writes the fields of a protobuf message into an array of exactly its size. What is the default of its type is left out, as
/// the generated code does.
/// </summary>
/// <param name="body">Where to write.</param>
internal ref struct BodyWriter(Span<byte> body)
{
    private readonly Span<byte> _body = body;
    private int _at;

    /// <summary>The size of a field with a number of up to 15, whose tag is one byte; nothing for the default.</summary>
    public static int SizeOf(long value) => value == 0 ? 0 : SizeOfNumber(value);

    /// <inheritdoc cref="SizeOf(long)"/>
    public static int SizeOf(bool value) => value ? 2 : 0;

    /// <inheritdoc cref="SizeOf(long)"/>
    public static int SizeOf(string value) => value.Length == 0 ? 0 : SizeOfBytes(Encoding.UTF8.GetByteCount(value));

    /// <summary>The size of a field of a number, which is there also when it is 0.</summary>
    public static int SizeOfNumber(long value) => 1 + CodedOutputStream.ComputeInt64Size(value);

    /// <summary>The size of a field of so many bytes, which is there also when they are none.</summary>
    public static int SizeOfBytes(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    /// <summary>Writes a number, unless it is 0.</summary>
    public void Number(int field, long value)
    {
        if (value != 0)
            NumberOrZero(field, value);
    }

    /// <summary>Writes a number, also 0.</summary>
    public void NumberOrZero(int field, long value)
    {
        Tag(field, WireFormat.WireType.Varint);
        Varint((ulong)value);
    }

    /// <summary>Writes a flag, unless it is false.</summary>
    public void Flag(int field, bool value)
    {
        if (value)
            NumberOrZero(field, 1);
    }

    /// <summary>Writes a text, unless it is empty.</summary>
    public void Text(int field, string value)
    {
        if (value.Length == 0)
            return;
        Length(field, Encoding.UTF8.GetByteCount(value));
        _at += Encoding.UTF8.GetBytes(value, _body[_at..]);
    }

    /// <summary>Writes bytes, also none.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Length(field, value.Length);
        value.CopyTo(_body[_at..]);
        _at += value.Length;
    }

    /// <summary>Writes a message that was generated.</summary>
    public void Message(int field, IMessage value, int size)
    {
        Length(field, size);
        value.WriteTo(_body.Slice(_at, size));
        _at += size;
    }

    /// <summary>Writes what stands before a field's bytes, which are to follow.</summary>
    public void Length(int field, int length)
    {
        Tag(field, WireFormat.WireType.LengthDelimited);
        Varint((ulong)length);
    }

    /// <summary>Holds what was written against the size that was computed.</summary>
    /// <exception cref="InvalidOperationException">The body has bytes at its end that nobody wrote.</exception>
    public readonly void End()
    {
        if (_at != _body.Length)
            throw new InvalidOperationException($"{_at} of {_body.Length} bytes were written.");
    }

    private void Tag(int field, WireFormat.WireType type) => _body[_at++] = (byte)WireFormat.MakeTag(field, type);

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _body[_at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _body[_at++] = (byte)value;
    }
}
