using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>What one run showed.</summary>
/// <param name="Acked">Acked messages a second.</param>
/// <param name="Delivered">Deliveries a second.</param>
/// <param name="CpuMicroseconds">The CPU time of the servers, all together, for each delivery.</param>
/// <param name="DatabaseMicroseconds">That of PostgreSQL's processes.</param>
/// <param name="P50">Latency from when a message was due to its delivery, milliseconds.</param>
/// <param name="P99">The same.</param>
/// <param name="P999">The same.</param>
/// <param name="Refused">Writes that were refused.</param>
/// <param name="Lost">Connections that the server ended.</param>
internal sealed record Result(
    double Acked, double Delivered, double CpuMicroseconds, double DatabaseMicroseconds, double P50, double P99, double P999, long Refused, long Lost)
{
    public const string Header = """
        | server | CPU µs/delivery | ratio to the bound, or the first | PostgreSQL's | acked/s | deliveries/s | p50 ms | p99 ms | p99.9 ms |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """;

    /// <summary>Where nothing was measured.</summary>
    public static readonly Result None = new(0, 0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0, 0);

    /// <summary>The medians of several runs, each figure by itself.</summary>
    public static Result Median(IReadOnlyList<Result> runs) => new(
        runs.Median(r => r.Acked),
        runs.Median(r => r.Delivered),
        runs.Median(r => r.CpuMicroseconds),
        runs.Median(r => r.DatabaseMicroseconds),
        runs.Median(r => r.P50),
        runs.Median(r => r.P99),
        runs.Median(r => r.P999),
        runs.Sum(r => r.Refused),
        runs.Sum(r => r.Lost));

    /// <summary>A row of the table.</summary>
    /// <param name="target">What was measured.</param>
    /// <param name="reference">What its CPU time is compared with.</param>
    public string Row(Target target, Result reference) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {target.Name} | {CpuMicroseconds:N2} | {CpuMicroseconds / reference.CpuMicroseconds:N2} | {DatabaseMicroseconds:N2} | {Acked:N0} | {Delivered:N0} | {P50:N1} | {P99:N1} | {P999:N1} |{(Refused > 0 ? $" {Refused} refused" : "")}{(Lost > 0 ? $" {Lost} connections lost" : "")}");
}
