using System.Text.Json;

namespace ClusterChat.Gateway;

/// <summary>What comes from outside, in a line of the log: it can neither begin another line nor be taken for the words around it.</summary>
internal static class LogText
{
    /// <summary>A name or an id: as it is where it is one word, else <see cref="Quoted"/>; empty for null.</summary>
    public static string Value(string? value)
        => value is null ? string.Empty : value.Length > 0 && value.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or ':') ? value : Quoted(value);

    /// <summary>A string of JSON, in ASCII.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>A sentence with parts that come from outside: control characters are U+FFFD.</summary>
    public static string OneLine(string text)
        => text.Any(IsBreak) ? string.Concat(text.Select(c => IsBreak(c) ? '\ufffd' : c)) : text;

    private static bool IsBreak(char unit) => char.IsControl(unit) || unit is '\u2028' or '\u2029';
}
