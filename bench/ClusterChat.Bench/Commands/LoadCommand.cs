using System.CommandLine;

namespace ClusterChat.Bench.Commands;

/// <summary>A given load: CPU time per delivered message, and latency.</summary>
internal static class LoadCommand
{
    public static void AddTo(RootCommand root)
    {
        var loads = LoadOptions.AddTo(root, rooms: 1, members: 500);
        var targets = TargetOptions.AddTo(root);
        root.SetAction(async (parsed, cancellationToken) =>
        {
            var load = loads.Read(parsed);
            var results = await targets.MeasureAsync(parsed, start => RunAsync(load, start, cancellationToken), cancellationToken);
            Console.WriteLine(Result.Header);
            var reference = Reference(results);
            foreach (var (target, runs) in results)
            {
                Console.WriteLine(Result.Median(runs).Row(target, reference));
            }
        });
    }

    private static async Task<Result> RunAsync(Load load, Func<Task<ServerGroup>> start, CancellationToken cancellationToken)
    {
        await using var servers = await start();
        await using var session = await Session.ConnectAsync(load, servers, cancellationToken);
        return await session.MeasureAsync(load.Rate, load.WarmUp, load.Time, cancellationToken);
    }

    /// <summary>The bound where it was measured, else the first.</summary>
    private static Result Reference(IReadOnlyList<(Target Target, IReadOnlyList<Result> Runs)> results)
    {
        var bound = results.Where(r => r.Target.Kind == ServerKind.Bare).Take(1);
        return Result.Median(bound.Concat(results).First().Runs);
    }
}
