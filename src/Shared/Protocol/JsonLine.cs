using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// Writes one compact JSON object. Not Utf8JsonWriter: even its relaxed encoder spells each character above U+FFFF as
/// twelve bytes of escapes, which would triple the size of every emoji on the wire and in the store. Here only what
/// RFC 8259 section 7 demands is escaped; lone surrogates become U+FFFD.
/// </summary>
/// <remarks>The names of fields are literals with their comma, quotes and colon, so that they are copied in one go.</remarks>
internal ref struct JsonLine
{
    // A buffer that grew for one large page is not worth keeping for each thread.
    private const int LargestKept = 65536;

    private static readonly SearchValues<char> MustEscape = SearchValues.Create(
        "\"\\\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    [ThreadStatic]
    private static byte[]? _spare;

    private byte[] _buffer;
    private int _length;

    /// <param name="head">The brace and the first field.</param>
    public JsonLine(ReadOnlySpan<byte> head)
    {
        _buffer = _spare ?? new byte[1024];
        _spare = null;
        Raw(head);
    }

    /// <summary>Closes the object and returns it in an array of its exact size. The line is not to be used again.</summary>
    public byte[] End()
    {
        Raw("}"u8);
        var result = _buffer.AsSpan(0, _length).ToArray();
        if (_buffer.Length <= LargestKept)
            _spare = _buffer;
        return result;
    }

    public void Id(long? id)
    {
        if (id is { } number)
            Number(",\"id\":"u8, number);
    }

    public void String(ReadOnlySpan<byte> name, string value)
    {
        Raw(name);
        Quoted(value);
    }

    public void Number(ReadOnlySpan<byte> name, long value)
    {
        Raw(name);
        value.TryFormat(Space(20), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Bool(ReadOnlySpan<byte> name, bool value)
    {
        Raw(name);
        Raw(value ? "true"u8 : "false"u8);
    }

    public void Strings(ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        Raw(name);
        Raw("["u8);
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                Raw(","u8);
            Quoted(values[i]);
        }

        Raw("]"u8);
    }

    public void RawItems(ReadOnlySpan<byte> name, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        Raw(name);
        Raw("["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                Raw(","u8);
            Raw(items[i].Span);
        }

        Raw("]"u8);
    }

    public void Raw(scoped ReadOnlySpan<byte> json)
    {
        json.CopyTo(Space(json.Length));
        _length += json.Length;
    }

    private void Quoted(ReadOnlySpan<char> value)
    {
        Raw("\""u8);
        while (true)
        {
            var index = value.IndexOfAny(MustEscape);
            var plain = index < 0 ? value : value[..index];
            _length += Encoding.UTF8.GetBytes(plain, Space(Encoding.UTF8.GetMaxByteCount(plain.Length)));
            if (index < 0)
                break;
            Escape(value[index]);
            value = value[(index + 1)..];
        }

        Raw("\""u8);
    }

    private void Escape(char character)
    {
        switch (character)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            default:
                Raw(character < '\x10' ? "\\u000"u8 : "\\u001"u8);
                Raw("0123456789abcdef"u8.Slice(character & 15, 1));
                break;
        }
    }

    private Span<byte> Space(int needed)
    {
        if (_buffer.Length - _length < needed)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + needed));
        return _buffer.AsSpan(_length);
    }
}
