using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

/// <summary>
/// Runs many seeds, a few at a time. <c>CLUSTERCHAT_SEED=123</c> runs that one only, and prints its whole trace;
/// <c>CLUSTERCHAT_SEEDS=5000</c> runs so many.
/// </summary>
internal static class SeedRuns
{
    public static IReadOnlyList<int> Seeds(int count)
    {
        if (Number("CLUSTERCHAT_SEED") is { } one)
        {
            return [one];
        }

        return [.. Enumerable.Range(1, Number("CLUSTERCHAT_SEEDS") ?? count)];
    }

    public static void Hold(IReadOnlyList<int> seeds, Func<int, SimPlan> plan)
    {
        var lines = seeds.Count == 1 ? int.MaxValue : 150;
        var failed = new ConcurrentBag<SimResult>();
        Parallel.ForEach(seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var result = SimRunner.Run(plan(seed), lines, isTurn: Number("CLUSTERCHAT_TURNS") is not null);
            if (result.Violations.Count > 0)
            {
                failed.Add(result);
            }
        });
        if (!failed.IsEmpty)
        {
            Assert.Fail(Story([.. failed.OrderBy(r => r.Seed)], seeds.Count));
        }
    }

    private static string Story(IReadOnlyList<SimResult> failed, int count)
    {
        var story = new StringBuilder();
        story.AppendLine(CultureInfo.InvariantCulture, $"{failed.Count} of {count} seeds broke a promise. Replay one with CLUSTERCHAT_SEED=n.");
        foreach (var result in failed)
        {
            story.AppendLine(CultureInfo.InvariantCulture, $"seed {result.Seed}, {result.Violations.Count} violations: {result.Violations[0]}");
        }

        var first = failed[0];
        story.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"The end of the trace of seed {first.Seed}:");
        story.AppendJoin(Environment.NewLine, first.TraceEnd).AppendLine();
        story.AppendJoin(Environment.NewLine, first.Violations.Take(20));
        return story.ToString();
    }

    private static int? Number(string variable)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
