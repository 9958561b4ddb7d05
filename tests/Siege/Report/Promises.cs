using System.Globalization;

namespace ClusterChat.Siege.Report;

/// <summary>What a node promises to those who mean no harm, whatever others do.</summary>
internal static class Promises
{
    /// <summary>The time within which 99 of 100 messages of clients of other addresses are acked.</summary>
    private const double MostAckMilliseconds = 200;

    // One line a second of each of some kinds, and what is said once.
    private const int LinesOnce = 50, LinesPerSecond = 3;

    /// <summary>Lists and histories that may be refused, of a hundred.</summary>
    private const double MostRefusedReads = 1;

    /// <summary>Which of them were not kept, in words; empty where all were.</summary>
    public static IReadOnlyList<string> Broken(Outcome outcome)
    {
        var broken = new List<string>();
        if (outcome.ExitCode is { } code)
            broken.Add(Text($"the node died after {outcome.Lasted.TotalSeconds:F0} s, exit code {code}"));
        if (outcome.MemoryPeak > outcome.MemoryLimit)
            broken.Add(Text($"its memory went over {outcome.MemoryLimit >> 20:N0} MiB"));
        if (!outcome.IsHonest && !(outcome.Acks.Most < MostAckMilliseconds))
            broken.Add(Text($"p99 of honest acks {outcome.Acks.Most:N0} ms, not under {MostAckMilliseconds} ms"));
        if (!outcome.Cut.IsEmpty)
            broken.Add(Text($"{outcome.Cut.Total:N0} honest connections were cut"));
        if (!outcome.Refused.IsEmpty)
            broken.Add("honest clients were refused something");
        if (outcome.RefusedReads.Total * 100 > (outcome.Reads.Count + outcome.RefusedReads.Total) * MostRefusedReads)
            broken.Add(Text($"{outcome.RefusedReads.Total:N0} honest reads were refused"));
        if (outcome.NewcomersMisled > 0)
            broken.Add(Text($"{outcome.NewcomersMisled} newcomers did not get in, and the node did not say that it takes nobody"));
        if (outcome.LogLines > LinesOnce + (LinesPerSecond * outcome.Lasted.TotalSeconds))
            broken.Add(Text($"{outcome.LogLines:N0} lines in the log"));
        broken.AddRange(outcome.Broken);
        return broken;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
