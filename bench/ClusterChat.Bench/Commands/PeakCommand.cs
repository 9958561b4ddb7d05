using System.CommandLine;
using System.Globalization;

namespace ClusterChat.Bench.Commands;

/// <summary>The open loop at rising rates: the highest one that is still answered in time.</summary>
internal static class PeakCommand
{
    private const int FirstRate = 4000;

    public static Command Create()
    {
        var limit = new Option<double>("--limit") { Description = "The p99 of the latency in milliseconds up to which a rate counts as taken.", DefaultValueFactory = _ => 100 };
        var command = new Command("peak", "The highest rate that servers take, every message delivered in time.") { limit };
        var loads = LoadOptions.AddTo(command, rooms: 200, members: 5);
        var targets = TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var load = loads.Read(parsed);
            load = load with { Rate = load.Rate == 0 ? FirstRate : load.Rate };
            var results = await targets.MeasureAsync(parsed, start => Peak.FindAsync(load, parsed.GetValue(limit), start, cancellationToken), cancellationToken);
            Console.WriteLine("| server | messages/s | at that rate: CPU µs/delivery | p50 ms | p99 ms | all rounds |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
            foreach (var (target, runs) in results)
            {
                var taken = runs.Select(r => r.At).OfType<Result>().DefaultIfEmpty(Result.None).ToList();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {target.Name} | {runs.Median(r => r.Rate):N0} | {taken.Median(r => r.CpuMicroseconds):N2} | {taken.Median(r => r.P50):N1} | {taken.Median(r => r.P99):N1} | {string.Join(' ', runs.Select(r => r.Rate))} |"));
            }
        });
        return command;
    }
}
