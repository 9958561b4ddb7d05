using System.Text;

namespace ClusterChat.TestKit;

/// <summary>
/// The order of names in the journal: byte by byte in UTF-8, which is the order of code points. UTF-16's own
/// ordinal order puts the surrogates of emoji before U+E000..U+FFFF.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    private Utf8Order()
    {
    }

    /// <summary>The comparer.</summary>
    public static Utf8Order Instance { get; } = new();

    /// <inheritdoc />
    public int Compare(string? x, string? y) =>
        Encoding.UTF8.GetBytes(x ?? string.Empty).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? string.Empty));
}
