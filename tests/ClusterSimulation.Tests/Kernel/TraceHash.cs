namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>A hash over a sequence of texts and numbers (FNV-1a over UTF-16 units), the same in every process.</summary>
internal readonly record struct TraceHash(ulong Value)
{
    private const ulong Prime = 1099511628211;

    public static TraceHash Start { get; } = new(14695981039346656037);

    /// <summary>With a text, and its end: "ab", "c" is another sequence than "a", "bc".</summary>
    public TraceHash With(ReadOnlySpan<char> text)
    {
        var hash = Value;
        foreach (var c in text)
            hash = unchecked((hash ^ c) * Prime);
        return new TraceHash(unchecked((hash ^ '\n') * Prime));
    }

    public TraceHash With(long number) => new(unchecked((Value ^ (ulong)number) * Prime));
}
