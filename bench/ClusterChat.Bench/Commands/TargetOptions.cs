using System.CommandLine;

namespace ClusterChat.Bench.Commands;

/// <summary>The options that say what is measured, and how often.</summary>
internal sealed class TargetOptions
{
    private readonly Option<ServerKind[]> _servers = new("--servers")
    {
        Description = "What to measure: ClusterChat, Bare, BareEach, SendAsync, SignalR, Nats.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [ServerKind.ClusterChat],
    };

    private readonly Option<int[]> _nodes = new("--nodes")
    {
        Description = "Of how many nodes ClusterChat is; the members are spread over them. Several numbers are measured beside each other.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1],
    };

    private readonly Option<Store[]> _stores = new("--stores")
    {
        Description = "Where ClusterChat keeps its rooms: Sqlite, Postgres. Both are measured beside each other.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Store.Sqlite],
    };

    private readonly Option<bool> _postgres = new("--postgres") { Description = "The same as --stores Postgres." };
    private readonly Option<string?> _node = new("--node") { Description = "The clusterchat.dll to measure. Default: the one built beside this." };
    private readonly Option<int> _rounds = new("--rounds") { Description = "How often; the servers take turns, and the medians are shown.", DefaultValueFactory = _ => 1 };

    public static TargetOptions AddTo(Command command)
    {
        var options = new TargetOptions();
        Option[] all = [options._servers, options._nodes, options._stores, options._postgres, options._node, options._rounds];
        Array.ForEach(all, command.Options.Add);
        return options;
    }

    /// <summary>Measures each target, round after round.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="measure">Measures servers that have just been started.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What came out, for each target in the order of the rounds.</returns>
    public async Task<IReadOnlyList<(Target Target, IReadOnlyList<T> Runs)>> MeasureAsync<T>(
        ParseResult parsed, Func<Func<Task<ServerGroup>>, Task<T>> measure, CancellationToken cancellationToken)
    {
        IReadOnlyList<Store> stores = parsed.GetValue(_postgres) ? [Store.Postgres] : parsed.GetValue(_stores)!;
        var runs = Target.All(parsed.GetValue(_servers)!, parsed.GetValue(_nodes)!, stores).Select(target => (Target: target, Runs: new List<T>())).ToList();
        await using var database = await Database.StartAsync(runs.Select(r => r.Target.Store));
        for (var round = 0; round < parsed.GetValue(_rounds); round++)
        {
            foreach (var (target, results) in runs)
            {
                results.Add(await measure(() => ServerGroup.StartAsync(target, parsed.GetValue(_node), database, cancellationToken)));
            }
        }

        return [.. runs.Select(r => (r.Target, (IReadOnlyList<T>)r.Runs))];
    }
}
