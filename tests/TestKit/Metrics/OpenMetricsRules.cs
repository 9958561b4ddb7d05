using System.Globalization;

namespace ClusterChat.TestKit;

/// <summary>What OpenMetrics 1.0 demands of families beyond the grammar.</summary>
internal static class OpenMetricsRules
{
    private static readonly Dictionary<string, string[]> Suffixes = new(StringComparer.Ordinal)
    {
        ["counter"] = ["_total", "_created"],
        ["gauge"] = [""],
        ["histogram"] = ["_bucket", "_count", "_sum", "_created"],
        ["unknown"] = [""],
        ["info"] = ["_info"],
    };

    public static void Check(IReadOnlyCollection<OpenMetricsFamily> families)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var family in families)
        {
            foreach (var name in Suffixes.GetValueOrDefault(family.Type, []).Select(s => family.Name + s).Append(family.Name).Distinct(StringComparer.Ordinal))
            {
                Demand(owners.TryAdd(name, family.Name), family, $"its samples are called like those of {owners[name]}");
            }

            Check(family);
        }
    }

    private static void Check(OpenMetricsFamily family)
    {
        Demand(family.Unit.Length == 0 || family.Name.EndsWith("_" + family.Unit, StringComparison.Ordinal), family, "its name does not end with its unit");
        Demand(Suffixes.ContainsKey(family.Type), family, $"the type {family.Type} is not one that this reads");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var groups = new List<string>();
        foreach (var sample in family.Samples)
        {
            Demand(
                sample.Name.StartsWith(family.Name, StringComparison.Ordinal) && Suffixes[family.Type].Contains(sample.Name[family.Name.Length..], StringComparer.Ordinal),
                family,
                $"{sample.Name} is no sample of it");
            Demand(seen.Add($"{sample.Name}|{sample.Key}|{sample.Labels.GetValueOrDefault("le")}"), family, $"a series of {sample.Name} comes twice");
            Demand(family.Type != "counter" || sample.Value >= 0, family, "a counter is negative or not a number");
            if (groups.Count == 0 || groups[^1] != sample.Key)
                groups.Add(sample.Key);
        }

        Demand(groups.Count == groups.Distinct(StringComparer.Ordinal).Count(), family, "the samples of one metric do not stand together");
        if (family.Type == "histogram")
        {
            foreach (var metric in family.Samples.GroupBy(s => s.Key, StringComparer.Ordinal))
            {
                CheckHistogram(family, [.. metric]);
            }
        }
    }

    private static void CheckHistogram(OpenMetricsFamily family, List<OpenMetricsSample> samples)
    {
        var buckets = samples.Where(s => s.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToList();
        Demand(buckets.Count > 0 && buckets.All(b => b.Labels.ContainsKey("le")), family, "it has no buckets, or one without a bound");
        Demand(buckets[^1].Labels["le"] == "+Inf", family, "its last bucket is not the infinite one");
        var previous = (Bound: double.NegativeInfinity, Count: 0.0);
        foreach (var bucket in buckets)
        {
            var text = bucket.Labels["le"];
            var bound = text == "+Inf" ? double.PositiveInfinity : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            Demand(text == "+Inf" || text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0, family, $"the bound {text} is not in its canonical form");
            Demand(bound > previous.Bound, family, "its bounds do not ascend");
            Demand(bucket.Value >= previous.Count && double.IsInteger(bucket.Value), family, "its buckets are not cumulative counts");
            previous = (bound, bucket.Value);
        }

        Demand(samples.Single(s => s.Name.EndsWith("_count", StringComparison.Ordinal)).Value.Equals(previous.Count), family, "its count is not that of its last bucket");
        Demand(samples.Single(s => s.Name.EndsWith("_sum", StringComparison.Ordinal)).Value >= 0, family, "its sum is negative or not a number");
    }

    private static void Demand(bool holds, OpenMetricsFamily family, string otherwise)
    {
        if (!holds)
            throw new FormatException($"The family {family.Name}: {otherwise}.");
    }
}
