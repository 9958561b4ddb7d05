using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// What users may be called. The characters are those of the FreeformClass of PRECIS (RFC 8264), which the Nickname profile
/// (RFC 8266) has for names in chat rooms, and emoji of several code points besides; without such as show nothing, and with the
/// limit of Unicode Technical Standard 39, section 5.4, on marks. Names are kept and shown in normalization form C, with single spaces.
/// Which ones are taken for the same is in <see cref="NameKeys"/>.
/// </summary>
public static class UserNames
{
    // A code point in form C comes from at most four.
    private const int MaxGivenLength = Rules.MaxUserNameLength * 4;

    // "No more than four nonspacing marks in a row": UTS 39, section 5.4.
    private const int MaxMarksInARow = 4;

    private const string Unassigned = "must not contain unassigned or private code points";
    private const string Invisible = "must not contain invisible characters";

    /// <summary>
    /// Reads a name: 1 to 32 code points in form C, none of them without a meaning for all (unassigned, private) or invisible, no
    /// white space at either end.
    /// </summary>
    /// <param name="given">The name as it came.</param>
    /// <param name="name">The name as it is kept and shown; only where it is one.</param>
    /// <returns>Null for a name; otherwise why it is none, worded to follow the name of the field. Violations are <c>bad_name</c>.</returns>
    public static string? Check(string given, out string name)
    {
        name = given;
        if (given.Length == 0)
            return "must not be empty";
        if (given.Length <= Rules.MaxUserNameLength && !given.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            if (!given.Contains("  ", StringComparison.Ordinal))
                return CheckEnds(given);
        }
        else if (Rules.CountOrRefuse(given, MaxGivenLength) is { } malformed)
        {
            return malformed == Rules.IllFormed ? malformed : Rules.TooLong(Rules.MaxUserNameLength);
        }
        else if (!CodePoints.CanBeNormalized(given))
        {
            return Unassigned;
        }

        name = Respaced(given.Normalize(NormalizationForm.FormC));
        return Rules.CountOrRefuse(name, Rules.MaxUserNameLength) ?? CheckCharacters(name) ?? CheckEnds(name);
    }

    private static string? CheckEnds(string name)
        => string.IsNullOrWhiteSpace(name) ? "must contain a visible character"
            : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "must not begin or end with white space"
            : null;

    /// <summary>Whatever separates words is one space (RFC 8266, section 2.1).</summary>
    private static string Respaced(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var unit in name)
        {
            var isSpace = char.GetUnicodeCategory(unit) == UnicodeCategory.SpaceSeparator;
            if (!isSpace)
                text.Append(unit);
            else if (text.Length == 0 || text[^1] != ' ')
                text.Append(' ');
        }

        return text.ToString();
    }

    private static string? CheckCharacters(string name)
    {
        Rune[] runes = [.. name.EnumerateRunes()];
        var visible = false;
        for (var i = 0; i < runes.Length; i++)
        {
            var category = Rune.GetUnicodeCategory(runes[i]);
            if (Refuse(runes, i, category) is { } reason)
                return reason;
            visible |= category is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpaceSeparator or UnicodeCategory.Format);
        }

        return !visible ? "must contain a visible character"
            : CodePoints.IsMark(Rune.GetUnicodeCategory(runes[0])) ? "must not begin with a combining mark"
            : CheckMarks(name);
    }

    private static string? CheckMarks(string name)
    {
        var inARow = 0;
        Rune before = default;
        foreach (var rune in name.Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            inARow = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? inARow + 1 : 0;
            if (inARow > MaxMarksInARow || (inARow > 1 && rune == before))
                return "must not pile up combining marks";
            before = rune;
        }

        return null;
    }

    private static string? Refuse(Rune[] runes, int at, UnicodeCategory category) => category switch
    {
        UnicodeCategory.Control => "must not contain control characters",
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => "must not contain line or paragraph separators",
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse => Unassigned,
        _ when runes[at].Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => "must not contain characters that override the direction of text",
        _ when IsInPlace(runes, at) => null,
        UnicodeCategory.Format => Invisible,
        _ when CodePoints.IsDefaultIgnorable(runes[at]) || CodePoints.IsBlank(runes[at]) => Invisible,
        _ when CodePoints.IsJamo(runes[at]) => "must not contain jamo that make no syllable",
        _ => null,
    };

    /// <summary>Whether it is one of the three that show nothing and mean something, where they do.</summary>
    private static bool IsInPlace(Rune[] runes, int at)
    {
        if (at == 0)
            return false;
        var before = runes[at - 1];
        Rune? after = at + 1 < runes.Length ? runes[at + 1] : null;
        return runes[at].Value switch
        {
            CodePoints.EmojiSelector => CodePoints.IsPictograph(before) || after?.Value == 0x20E3,
            CodePoints.NonJoiner => CodePoints.IsJoining(before) && after is { } next && CodePoints.IsJoining(next),
            CodePoints.Joiner => after is { } next
                && ((CodePoints.IsJoining(before) && CodePoints.IsJoining(next))
                    || ((CodePoints.IsPictograph(before) || before.Value == CodePoints.EmojiSelector) && CodePoints.IsPictograph(next))),
            _ => false,
        };
    }
}
