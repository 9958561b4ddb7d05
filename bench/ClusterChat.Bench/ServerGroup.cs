using System.Text.Json;

namespace ClusterChat.Bench;

/// <summary>The processes of what is measured, with their data in a temporary folder.</summary>
internal sealed class ServerGroup : IAsyncDisposable
{
    private readonly List<ServerProcess> _processes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-bench-").FullName;
    private ServerGroup(Target target, Database? database)
    {
        Target = target;
        Database = target.Store == Store.Postgres ? database : null;
    }

    public Target Target { get; }

    /// <summary>The PostgreSQL server that they use, if any.</summary>
    public Database? Database { get; }

    public Dialect Dialect => Dialect.Of(Target.Kind);

    public IReadOnlyList<int> Ports => [.. _processes.Select(p => p.Port)];

    /// <summary>The CPU time of the servers, all together, without the database's.</summary>
    public TimeSpan CpuTime => _processes.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.CpuTime);

    /// <summary>The CPU time of PostgreSQL's processes; zero where it is not used.</summary>
    public TimeSpan DatabaseCpuTime => Database?.CpuTime ?? TimeSpan.Zero;

    public ProcessMemory Memory => _processes.Aggregate(default(ProcessMemory), (sum, p) => sum + ProcessMemory.Of(p.Pid));

    /// <summary>Starts the servers and waits until they take connections, and all nodes know each other.</summary>
    /// <param name="target">Which.</param>
    /// <param name="node">The clusterchat.dll to measure; null for the one built beside this.</param>
    /// <param name="database">The PostgreSQL server for those that use one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<ServerGroup> StartAsync(Target target, string? node, Database? database, CancellationToken cancellationToken)
    {
        var group = new ServerGroup(target, database);
        try
        {
            var postgres = group.Database is { } server ? await server.CreateAsync() : null;
            for (var i = 1; i <= target.Nodes; i++)
            {
                var number = target.Nodes == 1 ? 0 : i;
                group._processes.Add(await ServerProcess.StartAsync(
                    port => target.Kind == ServerKind.ClusterChat
                        ? Programs.Node(node, number, port, group._folder, postgres)
                        : Programs.Other(target.Kind, port, group._folder),
                    cancellationToken));
            }

            if (target.Nodes > 1)
            {
                await group.SettleAsync(cancellationToken);
            }

            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes those that run on .NET collect their garbage.</summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        if (Target.Kind is ServerKind.Bare or ServerKind.BareEach or ServerKind.Nats)
        {
            return;
        }

        foreach (var process in _processes)
        {
            await FullCollection.RequestAsync(process.Pid, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Select(p => p.DisposeAsync().AsTask()));
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        foreach (var port in Ports)
        {
            while (await CountAsync(http, port, limit.Token) < Ports.Count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
        }
    }

    private static async Task<int> CountAsync(HttpClient http, int port, CancellationToken cancellationToken)
    {
        using var view = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/cluster"), cancellationToken));
        return view.RootElement.GetProperty("nodes").GetArrayLength();
    }
}
