using System.Diagnostics;
using System.Globalization;
using ClusterChat.ClusterSimulation.Kernel;
using ClusterChat.ClusterSimulation.Worlds;

namespace ClusterChat.ClusterSimulation.Runner;

/// <summary>Runs a world in this process, which must not do anything else meanwhile.</summary>
internal static class WorldRunner
{
    private const int TraceLines = 200;

    /// <summary>Runs a seed's world. One in which something is wrong runs a second time, for the end of its trace: to write it takes longer than the rest.</summary>
    /// <param name="kind">Which kind of world.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="onTrace">Is told each line of the trace; null for none.</param>
    public static RunResult Run(UnrestKind kind, int seed, Action<string>? onTrace)
    {
        var result = RunOnce(kind, seed, onTrace);
        if (result.Violations.Count == 0 || onTrace is not null)
            return result;
        var end = new Queue<string>();
        RunOnce(kind, seed, line =>
        {
            if (end.Count == TraceLines)
                end.Dequeue();
            end.Enqueue(line);
        });
        return result with { TraceEnd = [.. end] };
    }

    private static RunResult RunOnce(UnrestKind kind, int seed, Action<string>? onTrace)
    {
        var pool = PoolItems();
        var watch = Stopwatch.StartNew();
        var world = new SimWorld(seed) { OnTrace = onTrace };
        var unrest = new UnrestWorld(world, kind);
        IReadOnlyList<string> violations;
        try
        {
            violations = unrest.Run();
        }
        catch (Exception e)
        {
            // A world that breaks off is a result as well: its seed and its trace have to be seen.
            violations = [e.ToString()];
        }
        return new RunResult(
            kind,
            seed,
            world.TraceHash.ToString("x16", CultureInfo.InvariantCulture),
            world.Messages,
            Math.Round(world.Now.TotalSeconds, 3),
            Math.Round(watch.Elapsed.TotalSeconds, 2),
            PoolItems() - pool,
            unrest.Ledger.Answers,
            unrest.Ledger.Doubles,
            unrest.LastingDoubles,
            unrest.StuckJoins,
            Math.Round(unrest.Settled.TotalSeconds, 2),
            unrest.Counts.ToDictionary(c => c.Key.ToString(), c => c.Value),
            violations,
            []);
    }

    private static long PoolItems() => ThreadPool.CompletedWorkItemCount + ThreadPool.PendingWorkItemCount;
}
