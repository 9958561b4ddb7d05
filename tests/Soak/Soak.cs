using System.Diagnostics;
using System.Globalization;
using ClusterChat.Cluster.Tests.Harness.Faults;
using ClusterChat.Cluster.Tests.Harness.Load;
using Shouldly;

namespace ClusterChat.Soak;

/// <summary>The long run: chapters of some faults each, with clients and rooms of their own, so that memory stays bounded.</summary>
internal static class Soak
{
    /// <summary>A chapter's history is some hundred bytes for each event that a client saw.</summary>
    private static readonly TimeSpan Chapter = TimeSpan.FromMinutes(3);
    private static readonly string[] Extra = ["x1", "x2", "x3"];

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(SoakOptions options, CancellationToken stop)
    {
        Say($"{options.Store}, seed {options.Seed}: {string.Join(',', options.Faults)}");
        var start = Stopwatch.GetTimestamp();
        var (random, report, violations, messages) = (new Random(options.Seed), new PauseReport(), new List<string>(), 0L);
        var (nodes, waiting) = (Nodes(options.Nodes), new Queue<string>());
        var done = options.Faults.ToDictionary(f => f, _ => 0, StringComparer.Ordinal);
        await using var fleet = await Fleet.StartAsync(
            options.Store == "postgres" ? await PostgresFleetStore.CreateAsync() : new SqliteFleetStore(),
            options.Faults.Any(FaultKinds.NeedsNetwork) ? await NodeNetwork.CreateAsync([.. nodes.Select(n => n.Name), .. Extra]) : null,
            nodes);
        var disk = new DiskProbe();
        try
        {
            for (var chapter = 1; !IsOver() && violations.Count == 0; chapter++)
            {
                var began = Stopwatch.GetTimestamp();
                var plan = new LoadPlan(options.Clients, options.Rooms, options.PerSecond, string.Create(CultureInfo.InvariantCulture, $"s{chapter}"), options.Seed + chapter);
                await using var run = new FaultRun(fleet, plan, report);
                await run.StartAsync();
                while (!IsOver() && Stopwatch.GetElapsedTime(began) < Chapter)
                {
                    if (waiting.Count == 0)
                        waiting = new Queue<string>(Shuffled());
                    var kind = waiting.Dequeue();
                    done[kind] += kind == "rolling" ? options.Nodes : 1;
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 3000)), TimeProvider.System, CancellationToken.None);
                    Say(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start):mm\\:ss} {kind}"));
                    await run.DoAsync(kind);
                }

                await run.FinishAsync();
                violations.AddRange(run.Violations);
                messages += run.Stage.Load.Recorder.Published;
                Say(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start):mm\\:ss} checked chapter {chapter}: {run.Violations.Count} violations"));
            }
        }
        catch (Exception error) when (error is TimeoutException or InvalidOperationException or ShouldAssertException)
        {
            violations.Add(error.Message);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Nodes} nodes, {options.Clients} clients in {options.Rooms} rooms, {options.PerSecond} messages/s, {options.Store}, seed {options.Seed}: {messages:N0} messages in {Stopwatch.GetElapsedTime(start).TotalMinutes:F0} minutes\n"));
        Console.WriteLine(report.ToMarkdown(violations.Count));
        Console.WriteLine(await disk.StopAsync());
        foreach (var one in report.Each)
            Say(one);
        if (violations.Count == 0)
            return 0;

        var folder = Directory.CreateTempSubdirectory("clusterchat-soak-").FullName;
        await fleet.KeepLogsAsync(folder);
        await File.WriteAllLinesAsync(Path.Combine(folder, "violations.txt"), violations, CancellationToken.None);
        foreach (var violation in violations.Take(20))
            Say("VIOLATION " + violation);
        Say($"{violations.Count} violations; they and the nodes' logs are in {folder}");
        return 1;

        bool IsOver() => stop.IsCancellationRequested
            || Stopwatch.GetElapsedTime(start).TotalMinutes >= options.Minutes
            || Open().Length == 0;

        string[] Open() => [.. options.Faults.Where(f => options.Times == 0 || done[f] < options.Times)];

        string[] Shuffled()
        {
            var kinds = Open();
            random.Shuffle(kinds);
            return kinds;
        }
    }

    private static (string Name, string Roles)[] Nodes(int count) => [.. Enumerable.Range(1, count).Select(i => count < 4 || i > 2
        ? (string.Create(CultureInfo.InvariantCulture, $"n{i}"), Fleet.Both)
        : i == 1 ? ("g1", "gateway") : ("r1", "rooms"))];

    private static void Say(string line) => Console.Error.WriteLine(line);
}
