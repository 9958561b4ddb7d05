using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// The lines of plain mode (protocol, section 6), in UTF-8. Whatever users are called and write, a line says one thing: one that begins
/// with <c>*</c> is the server's, in all others the name ends at the first colon, or at the quotation mark that closes it.
/// </summary>
public static class PlainLines
{
    private const string AlsoInNames = "._-'@+#&()";

    /// <summary>A message: <c>NAME: TEXT</c>. A name that could be taken for something else is written as a string of JSON.</summary>
    public static byte[] Message(string from, string text)
        => Encoding.UTF8.GetBytes(string.Concat(Name(OneLine(from)), ": ", OneLine(text)));

    /// <summary>What the server itself has to say: <c>* TEXT</c>.</summary>
    public static byte[] Notice(string text) => Encoding.UTF8.GetBytes("* " + OneLine(text));

    private static string Name(string name)
        => IsUnmistakable(name) ? name
            : string.Concat("\"", name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal), "\"");

    private static bool IsUnmistakable(string name)
    {
        var isFirst = true;
        foreach (var rune in name.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (LooksLikeColon(rune) || !(IsWord(category) || (!isFirst && IsInName(rune, category))))
                return false;
            isFirst = false;
        }

        return !isFirst;
    }

    private static bool IsWord(UnicodeCategory category)
        => category is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // Joiners and skin tones stand in names only where they belong to their neighbours.
    private static bool IsInName(Rune rune, UnicodeCategory category)
        => CodePoints.IsMark(category) || CodePoints.IsPictograph(rune) || category == UnicodeCategory.SpaceSeparator
            || rune.Value is CodePoints.Joiner or CodePoints.NonJoiner || (rune.IsAscii && AlsoInNames.Contains((char)rune.Value, StringComparison.Ordinal));

    /// <summary>The letters and marks that <c>confusables.txt</c> of UTS 39 has for a colon; its other ones are punctuation.</summary>
    private static bool LooksLikeColon(Rune rune) => rune.Value is 0x02D0 or 0x0903 or 0x0A83 or 0xA4FD;

    /// <summary>
    /// Line ends (CR LF, CR, LF, VT, FF, NEL, U+2028, U+2029) become one space each. All other control characters but the tab, by which
    /// terminals are steered, and those that embed or override the direction of text become U+FFFD.
    /// </summary>
    private static string OneLine(string value)
    {
        var line = value.ReplaceLineEndings(" ").Replace('\v', ' ');
        return line.AsSpan().ContainsAnyInRange('\u202a', '\u202e') || line.AsSpan().ContainsAnyInRange('\u2066', '\u2069') || line.Any(char.IsControl)
            ? string.Create(line.Length, line, static (shown, line) =>
            {
                for (var i = 0; i < shown.Length; i++)
                    shown[i] = IsHarmless(line[i]) ? line[i] : '\ufffd';
            })
            : line;
    }

    private static bool IsHarmless(char unit)
        => unit == '\t' || !(char.IsControl(unit) || unit is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
}
