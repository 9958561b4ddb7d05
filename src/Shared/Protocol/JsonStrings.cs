using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>What a JSON string may hold in its escapes although the protocol does not allow it.</summary>
internal enum StringFault
{
    None,
    Nul,
    LoneSurrogate,
}

/// <summary>
/// The contents of JSON strings as they stand between the quotes. All of them were accepted by
/// <see cref="Utf8JsonReader"/> and are valid UTF-8, so NUL and surrogates can only come from escapes.
/// </summary>
internal static class JsonStrings
{
    private const int EscapeLength = 6;

    public static StringFault Check(ReadOnlySpan<byte> raw)
    {
        while (true)
        {
            var index = raw.IndexOf((byte)'\\');
            if (index < 0)
                return StringFault.None;
            raw = raw[index..];
            if (raw[1] != 'u')
            {
                raw = raw[2..];
                continue;
            }

            var unit = EscapedUnit(raw);
            raw = raw[EscapeLength..];
            if (unit == 0)
                return StringFault.Nul;
            if (!char.IsSurrogate(unit))
                continue;
            if (!char.IsHighSurrogate(unit) || !raw.StartsWith("\\u"u8) || !char.IsLowSurrogate(EscapedUnit(raw)))
                return StringFault.LoneSurrogate;
            raw = raw[EscapeLength..];
        }
    }

    /// <summary>The string itself. Only after <see cref="Check"/>.</summary>
    /// <param name="line">The line that the string is in.</param>
    /// <param name="value">Where the string is.</param>
    public static string Decode(ReadOnlySpan<byte> line, in FieldValue value)
    {
        if (!value.Escaped)
            return Encoding.UTF8.GetString(line.Slice(value.Start, value.Length));
        var reader = new Utf8JsonReader(line.Slice(value.Start - 1, value.Length + 2));
        reader.Read();
        return reader.GetString()!;
    }

    private static char EscapedUnit(ReadOnlySpan<byte> escape)
    {
        // The reader has seen four hexadecimal digits, so this cannot fail.
        _ = Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x');
        return (char)unit;
    }
}
