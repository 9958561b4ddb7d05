using System.Text;

namespace ClusterChat.Storage.Postgres;

/// <summary>Ranges of names in the order of their UTF-8 bytes, which is that of their code points.</summary>
internal static class NamePrefix
{
    private const int LastCodePoint = 0x10FFFF;
    private const int LastBeforeSurrogates = 0xD7FF;
    private const int FirstAfterSurrogates = 0xE000;

    /// <summary>
    /// The least text above all that start with a prefix: the next code point in the place of its last one. Null
    /// where all that follow start with it.
    /// </summary>
    public static string? UpperBound(string prefix)
    {
        var text = prefix.AsSpan();
        while (Rune.DecodeLastFromUtf16(text, out var last, out var length) == System.Buffers.OperationStatus.Done)
        {
            text = text[..^length];
            if (last.Value == LastCodePoint)
                continue;
            var next = new Rune(last.Value == LastBeforeSurrogates ? FirstAfterSurrogates : last.Value + 1);
            return string.Concat(text, next.ToString());
        }

        return null;
    }
}
