using System.CommandLine;
using System.Globalization;
using ClusterChat.Bench.Durable;

namespace ClusterChat.Bench.Commands;

/// <summary>Small commits at a steady rate: what a message costs that comes alone.</summary>
internal static class CommitCommand
{
    public static Command Create()
    {
        var rate = new Option<int>("--rate") { Description = "Commits a second.", DefaultValueFactory = _ => 200 };
        var events = new Option<int>("--events") { Description = "Events of a commit, each in another room.", DefaultValueFactory = _ => 1 };
        var rooms = new Option<int>("--rooms") { Description = "Rooms, taken at random.", DefaultValueFactory = _ => 20 };
        var stored = new Option<int>("--stored") { Description = "Events that are there already.", DefaultValueFactory = _ => 100_000 };
        var seconds = new Option<int>("--seconds") { Description = "How long, after as much of warm-up.", DefaultValueFactory = _ => 10 };
        var data = new Option<DirectoryInfo>("--data") { Description = "Where the files are made.", DefaultValueFactory = _ => new(Path.GetTempPath()) };
        var command = new Command("commit", "The CPU time of small commits of the SQLite journal alone.") { rate, events, rooms, stored, seconds, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = await CommitRun.MeasureAsync(
                parsed.GetValue(data)!.FullName, parsed.GetValue(rate), parsed.GetValue(events), parsed.GetValue(rooms),
                parsed.GetValue(stored), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Rate:N0} commits/s; CPU µs a commit: process {run.User + run.System:N0} (user {run.User:N0}, system {run.System:N0}), the kernel's threads {run.Kernel:N0}; time of a commit: p50 {run.P50:N2} ms, p99 {run.P99:N2} ms"));
            foreach (var (name, cpu) in run.Threads)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-16} {cpu:N1}"));
        });
        return command;
    }
}
