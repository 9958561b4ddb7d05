using System.Collections.Immutable;
using System.Text.Json;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>The nodes of a cluster, each a process, all on one data folder, or one PostgreSQL database.</summary>
/// <param name="postgres">Which database; null for SQLite.</param>
internal sealed class NodeGroup(string? postgres = null) : IAsyncDisposable
{
    private readonly DataFolder _data = new();
    private readonly Dictionary<string, NodeProcess> _nodes = new(StringComparer.Ordinal);
    private Func<NodeOptions, NodeOptions> _options = o => o;
    private ImmutableArray<int> _gateways = [];

    /// <summary>The ports at which clients are welcome: those of nodes that neither were killed nor asked to end.</summary>
    public ImmutableArray<int> Gateways => _gateways;

    public NodeProcess this[string name] => _nodes[name];

    /// <summary>How a node of this group is started.</summary>
    public NodeOptions Options(string name, string roles = "gateway,rooms")
    {
        var options = NodeOptions.Unlimited(_data.Path) with { Name = name, Arguments = ["--cluster", "127.0.0.1:0", "--roles", roles] };
        return _options(postgres is null ? options : options.With("Postgres", postgres));
    }

    /// <summary>Starts nodes, and waits until all of them know all of them.</summary>
    public static Task<NodeGroup> StartAsync(params string[] names) => StartAsync(o => o, names);

    /// <summary>The same, with options that all nodes have.</summary>
    public static Task<NodeGroup> StartAsync(Func<NodeOptions, NodeOptions> options, params string[] names) => StartAsync(postgres: null, options, names);

    /// <summary>The same on a database of its own in PostgreSQL, or on SQLite.</summary>
    public static async Task<NodeGroup> StartAsync(Store store, params string[] names)
        => await StartAsync(store == Store.Postgres ? await (await PostgresServer.Shared).CreateSchemaAsync() : null, o => o, names);

    private static async Task<NodeGroup> StartAsync(string? postgres, Func<NodeOptions, NodeOptions> options, string[] names)
    {
        var group = new NodeGroup(postgres) { _options = options };
        try
        {
            await Task.WhenAll(names.Select(n => group.AddAsync(group.Options(n))));
            await group.SettleAsync();
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node and waits until it has joined.</summary>
    public async Task<NodeProcess> AddAsync(NodeOptions options)
    {
        var node = await NodeProcess.StartAsync(options);
        lock (_nodes)
        {
            _nodes[options.Name] = node;
            if (options.Arguments[^1].Contains("gateway", StringComparison.Ordinal))
                _gateways = _gateways.Add(node.Port);
        }

        return node;
    }

    /// <summary>Waits until all nodes that run agree on who is there.</summary>
    public async Task SettleAsync()
    {
        var running = _nodes.Values.Where(n => n.IsRunning).ToList();
        foreach (var node in running)
        {
            await node.WaitForViewAsync(names => names.Count == running.Count);
        }
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync(string name)
    {
        Forget(name);
        return _nodes[name].KillAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync(string name)
    {
        Forget(name);
        _nodes[name].Terminate();
        return await _nodes[name].ExitAsync();
    }

    /// <summary>Starts a node that has ended once more, on the same port.</summary>
    public async Task RestartAsync(string name)
    {
        var old = _nodes[name];
        _nodes[name] = await old.RestartAsync();
        _gateways = _gateways.Add(old.Port);
        await old.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
            await node.DisposeAsync();
        _data.Dispose();
    }

    private void Forget(string name) => _gateways = _gateways.Remove(_nodes[name].Port);
}
