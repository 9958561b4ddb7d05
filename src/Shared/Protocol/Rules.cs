using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterChat.Protocol;

/// <summary>
/// The rules for strings on the wire. Each check returns null where the string keeps them, and otherwise the reason
/// why not, worded to follow the name of the field.
/// </summary>
public static class Rules
{
    /// <summary>The longest name of a user, in code points.</summary>
    public const int MaxUserNameLength = 32;

    /// <summary>The longest name of a room, in code points.</summary>
    public const int MaxRoomNameLength = 128;

    /// <summary>The longest <c>mid</c>, in characters of ASCII.</summary>
    public const int MaxMidLength = 64;

    private const string IllFormed = "must not contain a lone surrogate";

    private static readonly SearchValues<char> AsciiRoomCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:");

    /// <summary>
    /// A user's name: 1 to 32 code points, at least one of them visible, no white space at either end, and nothing
    /// that breaks a line or turns the direction of what follows it. Violations are <c>bad_name</c>.
    /// </summary>
    public static string? CheckUserName(string name)
    {
        if (name.Length == 0)
            return "must not be empty";
        if (CountOrRefuse(name, MaxUserNameLength) is { } reason)
            return reason;

        var visible = false;
        Rune first = default, last = default;
        var start = true;
        foreach (var rune in name.EnumerateRunes())
        {
            if (start)
                first = rune;
            start = false;
            last = rune;
            var category = Rune.GetUnicodeCategory(rune);
            if (category == UnicodeCategory.Control)
                return "must not contain control characters";
            if (rune.Value is 0x2028 or 0x2029)
                return "must not contain line or paragraph separators";
            if (rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
                return "must not contain characters that override the direction of text";
            visible |= IsVisible(rune, category);
        }

        if (!visible)
            return "must contain a visible character";
        return Rune.IsWhiteSpace(first) || Rune.IsWhiteSpace(last) ? "must not begin or end with white space" : null;
    }

    /// <summary>
    /// A room's name: 1 to 128 letters (L), marks (M) and decimal digits (Nd) of Unicode, <c>.</c>, <c>_</c>,
    /// <c>-</c> and <c>:</c>, in normalization form C, but not <c>.</c> or <c>..</c>. Violations are <c>bad_room</c>.
    /// </summary>
    public static string? CheckRoomName(string room)
    {
        if (room.Length == 0)
            return "must not be empty";
        if (room is "." or "..")
            return "must not be '.' or '..', which paths of URLs cannot carry";
        if (room.Length <= MaxRoomNameLength && !room.AsSpan().ContainsAnyExcept(AsciiRoomCharacters))
            return null;
        if (CountOrRefuse(room, MaxRoomNameLength) is { } reason)
            return reason;

        foreach (var rune in room.EnumerateRunes())
        {
            if (!IsRoomCharacter(rune))
                return "may contain only letters, marks and decimal digits of Unicode, '.', '_', '-' and ':'";
        }

        // After the categories: IsNormalized throws for code points that are not characters.
        return room.IsNormalized(NormalizationForm.FormC) ? null : "must be in Unicode normalization form C";
    }

    /// <summary>A client's id of a write: 1 to 64 printable characters of ASCII (0x21 to 0x7E). Violations are <c>bad_request</c>.</summary>
    public static string? CheckMid(string mid) =>
        mid.Length is 0 or > MaxMidLength || mid.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e')
            ? "must be 1 to 64 printable characters of ASCII, without spaces"
            : null;

    /// <summary>
    /// A message's text, all but its length: it is well-formed, and empty only where there is <c>data</c>.
    /// Violations are <c>bad_request</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="hasData">Whether the message has <c>data</c>.</param>
    public static string? CheckText(string text, bool hasData)
    {
        if (text.Length == 0)
            return hasData ? null : "must not be empty without data";
        if (text.Contains('\0', StringComparison.Ordinal))
            return "must not contain NUL";
        return IsWellFormed(text) ? null : IllFormed;
    }

    /// <summary>A message's length. Violations are <c>too_long</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">The longest allowed, in bytes of UTF-8.</param>
    public static string? CheckTextLength(string text, int maxBytes)
    {
        // No UTF-16 unit is under one byte of UTF-8 or over three.
        if (text.Length <= maxBytes / 3 || Encoding.UTF8.GetByteCount(text) <= maxBytes)
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"must not be longer than {maxBytes} bytes of UTF-8");
    }

    /// <summary>The name of a log, which is opaque: 1 to 64 code points.</summary>
    internal static string? CheckLog(string log) =>
        log.Length == 0 ? "must not be empty" : CountOrRefuse(log, Position.MaxLogLength);

    /// <summary>The string that a page starts from: any well-formed one that is no longer than a room's name.</summary>
    internal static string? CheckCursor(string cursor) => CountOrRefuse(cursor, MaxRoomNameLength);

    private static string? CountOrRefuse(string value, int maxCodePoints)
    {
        if (!IsWellFormed(value))
            return IllFormed;
        if (value.Length <= maxCodePoints)
            return null;
        var count = 0;
        foreach (var unit in value)
        {
            if (!char.IsLowSurrogate(unit) && ++count > maxCodePoints)
                return string.Create(CultureInfo.InvariantCulture, $"must not be longer than {maxCodePoints} characters");
        }

        return null;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> value)
    {
        while (true)
        {
            var index = value.IndexOfAnyInRange('\ud800', '\udfff');
            if (index < 0)
                return true;
            if (index + 1 >= value.Length || !char.IsSurrogatePair(value[index], value[index + 1]))
                return false;
            value = value[(index + 2)..];
        }
    }

    private static bool IsRoomCharacter(Rune rune)
    {
        if (rune.IsAscii)
            return AsciiRoomCharacters.Contains((char)rune.Value);
        return Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
            or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber;
    }

    /// <summary>False for what takes no ink of its own: spaces, formats, marks, fillers and the blank Braille pattern.</summary>
    private static bool IsVisible(Rune rune, UnicodeCategory category) =>
        category is not (UnicodeCategory.Format
            or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.EnclosingMark
            or UnicodeCategory.SpaceSeparator)
        && rune.Value is not (0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0);
}
