using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>What one run showed.</summary>
/// <param name="Acked">Acked messages a second.</param>
/// <param name="Delivered">Deliveries a second.</param>
/// <param name="CpuMicroseconds">The server's CPU time for each delivery, or where nothing is delivered, for nothing.</param>
/// <param name="P50">Latency from when a message was due to its delivery, milliseconds.</param>
/// <param name="P99">The same.</param>
/// <param name="P999">The same.</param>
/// <param name="IdleKilobytes">The server's resident memory for each connection, before anything is sent.</param>
/// <param name="Refused">Writes that were refused.</param>
internal sealed record Result(double Acked, double Delivered, double CpuMicroseconds, double P50, double P99, double P999, double IdleKilobytes, long Refused)
{
    /// <summary>The medians of several runs, each figure by itself.</summary>
    public static Result Median(IReadOnlyList<Result> runs) => new(
        Of(runs, r => r.Acked), Of(runs, r => r.Delivered), Of(runs, r => r.CpuMicroseconds),
        Of(runs, r => r.P50), Of(runs, r => r.P99), Of(runs, r => r.P999), Of(runs, r => r.IdleKilobytes), runs.Sum(r => r.Refused));

    public string Row(ServerKind kind, Result? bound) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {kind} | {CpuMicroseconds:N2} | {(bound is null ? "-" : (CpuMicroseconds / bound.CpuMicroseconds).ToString("N2", CultureInfo.InvariantCulture))} | {Acked:N0} | {Delivered:N0} | {P50:N1} | {P99:N1} | {P999:N1} | {IdleKilobytes:N1} |{(Refused > 0 ? $" {Refused} refused" : "")}");

    private static double Of(IReadOnlyList<Result> runs, Func<Result, double> figure)
    {
        var sorted = runs.Select(figure).Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
