using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterChat.Protocol;

/// <summary>A place in a room's history. While the log is the same, a number is the same event.</summary>
/// <param name="Log">The opaque name of the room's log, 1 to 64 code points.</param>
/// <param name="Seq">The number of the last event that was seen; 0 for none.</param>
public sealed record Position(string Log, long Seq)
{
    /// <summary>The longest name of a log, in code points.</summary>
    public const int MaxLogLength = 64;

    /// <summary>The form of the HTTP API and of <c>Last-Event-ID</c>: <c>LOG/SEQ</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Log}/{Seq}");

    /// <summary>
    /// Reads <c>LOG/SEQ</c>. The last slash divides, so a log may have slashes in its name. The number is plain
    /// decimal digits, at most <see cref="ProtocolLimits.MaxInteger"/>.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Position? position)
    {
        position = null;
        if (text is null)
            return false;
        var slash = text.LastIndexOf('/');
        if (slash < 0 || Rules.CheckLog(text[..slash]) is not null)
            return false;
        if (!long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            || seq > ProtocolLimits.MaxInteger)
            return false;
        position = new Position(text[..slash], seq);
        return true;
    }
}
