namespace ClusterChat.Cluster;

/// <summary>
/// Orders names as their UTF-8 bytes do, which is by code point. .NET's ordinal order is by UTF-16 unit and
/// puts characters beyond U+FFFF before those from U+E000 on.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    /// <summary>The one instance.</summary>
    public static Utf8Order Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var left = (x ?? string.Empty).AsSpan();
        var right = (y ?? string.Empty).AsSpan();
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length - right.Length;
        }

        return Rank(left[same]) - Rank(right[same]);
    }

    // Surrogates sort above the rest of the basic plane.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
