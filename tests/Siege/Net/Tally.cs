using System.Collections.Concurrent;
using System.Globalization;

namespace ClusterChat.Siege.Net;

/// <summary>What was heard, by count.</summary>
internal sealed class Tally
{
    // What a broken node says could be anything.
    private const int MostKinds = 100, LongestKind = 120;
    private const string Others = "other things";

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether nothing was.</summary>
    public bool IsEmpty => _counts.IsEmpty;

    /// <summary>All of it, what came most often first.</summary>
    public IReadOnlyList<(string What, long Count)> All
        => [.. _counts.Select(c => (c.Key, c.Value)).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)];

    /// <summary>How often all of it was.</summary>
    public long Total => _counts.Values.Sum();

    /// <summary>Counts.</summary>
    public void Add(string what, long count = 1)
    {
        if (what.Length > LongestKind)
            what = what[..LongestKind];
        if (_counts.Count >= MostKinds && !_counts.ContainsKey(what))
            what = Others;
        _counts.AddOrUpdate(what, count, (_, before) => before + count);
    }

    /// <summary>What was heard until now.</summary>
    public Tally Copy()
    {
        var copy = new Tally();
        foreach (var (what, count) in All)
            copy.Add(what, count);
        return copy;
    }

    /// <summary>How often something was.</summary>
    public long Of(string what) => _counts.GetValueOrDefault(what);

    /// <summary>Such as <c>12 × 200, 1 × 503 full</c>.</summary>
    public override string ToString() => string.Join(", ", All.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Count:N0} × {c.What}")));
}
