using System.Globalization;
using System.Text;
using ClusterChat.ClusterSimulation.Runner;
using ClusterChat.ClusterSimulation.Worlds;

namespace ClusterChat.ClusterSimulation.Tests;

/// <summary>
/// The runs that the tests look at, made once. <c>CLUSTERCHAT_SEED=123</c> runs that seed only, and prints its whole trace;
/// <c>CLUSTERCHAT_SEEDS=500</c> runs so many.
/// </summary>
public sealed class Runs : IAsyncLifetime
{
    private const int DefaultSeeds = 30;

    /// <summary>A third of the seeds are of wild worlds.</summary>
    internal IReadOnlyList<RunResult> All { get; private set; } = [];

    /// <summary>The last seeds again, twice in a process that runs nothing else: without all that ran before them in <see cref="All"/>.</summary>
    internal IReadOnlyList<RunResult> Repeated { get; private set; } = [];

    /// <summary>The whole trace of a seed that was asked for, by the kind of world.</summary>
    internal Dictionary<UnrestKind, List<string>> Traces { get; } = [];

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Number("CLUSTERCHAT_SEED") is { } seed)
        {
            await RunOneAsync(seed);
            return;
        }
        // Three at least, so that there is a wild one.
        var count = Math.Max(3, Number("CLUSTERCHAT_SEEDS") ?? DefaultSeeds);
        // One process for each core of the machine that these numbers are made for; each of them does one world at a time.
        var gentle = count - (count / 3);
        var middle = gentle * 3 / 4;
        var one = RunnerProcess.RunAsync(UnrestKind.Gentle, 1, middle);
        var two = RunRestAsync();
        All = [.. await one, .. await two];
        var gentleAgain = RunnerProcess.RunAsync(UnrestKind.Gentle, middle, middle, times: 2);
        var wildAgain = RunnerProcess.RunAsync(UnrestKind.Wild, count, count, times: 2);
        Repeated = [.. await gentleAgain, .. await wildAgain];

        async Task<IReadOnlyList<RunResult>> RunRestAsync() =>
            [.. await RunnerProcess.RunAsync(UnrestKind.Gentle, middle + 1, gentle), .. await RunnerProcess.RunAsync(UnrestKind.Wild, gentle + 1, count)];
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>What is told of runs in which something is wrong.</summary>
    internal string Story(IReadOnlyList<RunResult> failed)
    {
        var story = new StringBuilder();
        story.AppendLine(CultureInfo.InvariantCulture, $"{failed.Count} of {All.Count} worlds failed. Replay one with CLUSTERCHAT_SEED=n.");
        foreach (var run in failed)
            story.AppendLine(CultureInfo.InvariantCulture, $"seed {run.Seed} ({run.Kind}), {run.Violations.Count} violations: {string.Join(" | ", run.Violations.Take(1))}");
        if (failed is [var first, ..])
        {
            story.AppendLine(CultureInfo.InvariantCulture, $"The end of the trace of seed {first.Seed}:");
            story.AppendJoin(Environment.NewLine, Traces.GetValueOrDefault(first.Kind) ?? first.TraceEnd).AppendLine();
            story.AppendJoin(Environment.NewLine, first.Violations.Take(20));
        }
        return story.ToString();
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>As both kinds: the number alone does not say of which one it was.</summary>
    private async Task RunOneAsync(int seed)
    {
        foreach (var kind in Enum.GetValues<UnrestKind>())
        {
            Traces.Add(kind, []);
            var again = RunnerProcess.RunAsync(kind, seed, seed, times: 2);
            All = [.. All, .. await RunnerProcess.RunAsync(kind, seed, seed, onTrace: Traces[kind].Add)];
            Repeated = [.. Repeated, .. await again];
        }
    }
}
