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

    internal const string IllFormed = "must not contain a lone surrogate";

    private static readonly SearchValues<char> AsciiRoomCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:");

    /// <summary>
    /// A room's name: 1 to 128 letters (L), marks (M) and decimal digits (Nd) of Unicode, <c>.</c>, <c>_</c>,
    /// <c>-</c> and <c>:</c>, but not <c>.</c> or <c>..</c>. There is one spelling of each: it is in normalization form C, has nothing
    /// that shows nothing and no compatibility forms (as the IdentifierClass of PRECIS, RFC 8264), and no letters of two of Latin, Greek
    /// and Cyrillic (as the moderately restrictive level of UTS 39, section 5.2). Violations are <c>bad_room</c>.
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

        var scripts = EuropeanScript.None;
        foreach (var rune in room.EnumerateRunes())
        {
            if (!IsRoomCharacter(rune))
                return "may contain only letters, marks and decimal digits of Unicode, '.', '_', '-' and ':'";
            if (CodePoints.IsDefaultIgnorable(rune) || CodePoints.IsBlank(rune))
                return "must not contain invisible characters";
            scripts |= CodePoints.ScriptOf(rune);
        }

        if (int.PopCount((int)scripts) > 1)
            return "must not mix letters of Latin, Greek and Cyrillic, which look alike";

        // After the categories: IsNormalized throws for code points that are not characters.
        if (!room.IsNormalized(NormalizationForm.FormC))
            return "must be in Unicode normalization form C";
        return CheckCompatibility(room);
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

    /// <summary>Whether .NET normalizes it: it throws for lone surrogates and U+FFFE.</summary>
    public static bool CanBeNormalized(string text) => CodePoints.CanBeNormalized(text);

    /// <summary>The name of a log, which is opaque: 1 to 64 code points.</summary>
    internal static string? CheckLog(string log) =>
        log.Length == 0 ? "must not be empty" : CountOrRefuse(log, Position.MaxLogLength);

    /// <summary>The string that a page starts from: any well-formed one without NUL that is no longer than a room's name.</summary>
    public static string? CheckCursor(string cursor)
        => cursor.Contains('\0', StringComparison.Ordinal) ? "must not contain NUL" : CountOrRefuse(cursor, MaxRoomNameLength);

    /// <summary>The reason for a string with more code points.</summary>
    internal static string TooLong(int maxCodePoints)
        => string.Create(CultureInfo.InvariantCulture, $"must not be longer than {maxCodePoints} characters");

    /// <summary>A string's length in code points, and that it is well-formed.</summary>
    internal static string? CountOrRefuse(string value, int maxCodePoints)
    {
        if (!IsWellFormed(value))
            return IllFormed;
        if (value.Length <= maxCodePoints)
            return null;
        var count = 0;
        foreach (var unit in value)
        {
            if (!char.IsLowSurrogate(unit) && ++count > maxCodePoints)
                return TooLong(maxCodePoints);
        }

        return null;
    }

    /// <summary>
    /// A compatibility form is another spelling: of the full-width "ｌｏｂｂｙ", say. The letters of Thai and Lao that have one
    /// by history alone are how these languages are written; the two characters that look like one of them are its other spelling.
    /// </summary>
    private static string? CheckCompatibility(string room)
    {
        const string Refusal = "must not contain compatibility forms of other characters";
        if (room.Contains("\u0e4d\u0e32", StringComparison.Ordinal) || room.Contains("\u0ecd\u0eb2", StringComparison.Ordinal))
            return Refusal;
        if (room.IsNormalized(NormalizationForm.FormKC))
            return null;
        var rest = string.Create(room.Length, room, static (rest, room) =>
        {
            for (var i = 0; i < rest.Length; i++)
                rest[i] = room[i] is '\u0e33' or '\u0eb3' or '\u0edc' or '\u0edd' ? '-' : room[i];
        });
        return rest.IsNormalized(NormalizationForm.FormKC) ? null : Refusal;
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
        return !CodePoints.IsJamo(rune) && Rune.GetUnicodeCategory(rune)
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
}
