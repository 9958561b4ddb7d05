using System.Globalization;

namespace ClusterChat.Siege.Report;

/// <summary>Outcomes in Markdown: all that was measured, and a cell of each for a comparison.</summary>
internal static class Tables
{
    private const int MostHeard = 6;

    /// <summary>All that was measured.</summary>
    public static string Full(IEnumerable<Outcome> outcomes) => string.Join('\n', (string[])
    [
        "| attack | the node | memory before / peak / after, MiB | back after | data grew by | honest acks p50 / p99 / worst, ms | honest reads, the same | honest cut, refused | newcomers in, p50 / p99 / worst, ms | ready | log lines | the attacker heard | besides | broken |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        .. outcomes.Select(Row),
    ]);

    /// <summary>A cell of each: what an operator would ask first.</summary>
    public static string Short(IEnumerable<Outcome> outcomes) => string.Join('\n', (string[])
    [
        "| attack | what came of it |",
        "| --- | --- |",
        .. outcomes.Select(o => $"| {o.Title} | {Cell(o)} |"),
    ]);

    private static string Row(Outcome o)
    {
        var heard = o.Heard.All.Take(MostHeard).Select(h => Text($"{h.Count:N0} × {h.What}"));
        string[] cells =
        [
            o.Title,
            Life(o),
            Text($"{Mib(o.MemoryBefore)} / {Mib(o.MemoryPeak)} / {Mib(o.MemoryAfter)}"),
            Back(o),
            Text($"{Mib(o.DataGrown)} MiB"),
            o.Acks.ToString(),
            Text($"{o.Reads.ToString()}{(o.RefusedReads.IsEmpty ? string.Empty : "; refused " + o.RefusedReads)}"),
            Harm(o),
            Newcomers(o) + (o.Newcomers.Count > 0 ? ", " + o.Newcomers : string.Empty) + (o.NewcomersRefused.IsEmpty ? string.Empty : "; " + o.NewcomersRefused),
            o.Readiness.ToString(),
            Text($"{o.LogLines:N0}"),
            string.Join(", ", heard),
            string.Join("; ", o.Notes),
            string.Join("; ", Promises.Broken(o)),
        ];
        return "| " + string.Join(" | ", cells.Select(c => c.Length == 0 ? "-" : c.Replace("|", "\\|", StringComparison.Ordinal))) + " |";
    }

    private static string Cell(Outcome o) => string.Join("; ", (string[])
    [
        Life(o) + Text($", {Mib(o.MemoryPeak)} MiB"),
        Text($"p99 {o.Acks.Most:N0} ms"),
        .. o.Cut.IsEmpty ? (string[])[] : [Text($"{o.Cut.Total:N0} honest cuts")],
        .. o.Refused.IsEmpty ? (string[])[] : [Text($"{o.Refused.Total:N0} refusals")],
        .. o.RefusedReads.IsEmpty ? (string[])[] : [Text($"{o.RefusedReads.Total:N0} of {o.RefusedReads.Total + o.Reads.Count:N0} reads refused")],
        "newcomers " + Newcomers(o),
        "ready: " + string.Join(", ", o.Readiness.All.Select(r => r.What)),
        Text($"{o.LogLines:N0} log lines"),
        .. o.Notes,
    ]);

    private static string Life(Outcome o) => o.ExitCode is { } code ? Text($"**died** after {o.Lasted.TotalSeconds:F0} s ({code})") : "lives";

    private static string Back(Outcome o)
        => o.ExitCode is not null ? "-" : o.MemoryBackAfter is { } after ? Text($"{after.TotalSeconds:F0} s") : "not while it was waited";

    private static string Harm(Outcome o) => (o.Cut.IsEmpty ? "0 cut" : Text($"{o.Cut.Total:N0} cut ({o.Cut})")) + (o.Refused.IsEmpty ? ", 0 refused" : $", refused {o.Refused}");

    private static string Newcomers(Outcome o) => Text($"{o.Newcomers.Count} of {o.Newcomers.Count + o.NewcomersRefused.Total}");

    private static string Mib(long bytes) => Text($"{(bytes + (1 << 19)) >> 20:N0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
