using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>
/// The nodes of a cluster, each a process, with whoever runs them: faults end them, and they are started again. What
/// ends without a fault that explains it is kept in <see cref="Surprises"/>.
/// </summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string Both = "gateway,rooms";
    private readonly List<string> _surprises = [];
    private readonly Dictionary<string, string> _settings;
    private ImmutableDictionary<string, FleetNode> _nodes = ImmutableDictionary.Create<string, FleetNode>(StringComparer.Ordinal);

    private Fleet(IFleetStore store, NodeNetwork? network, IReadOnlyDictionary<string, string>? settings)
    {
        Store = store;
        Network = network;
        _settings = new Dictionary<string, string>(settings ?? ImmutableDictionary<string, string>.Empty, StringComparer.Ordinal)
        {
            ["Limits:SendsPerSecond"] = "0",
            ["Limits:RequestsPerSecond"] = "0",
        };
    }

    public IFleetStore Store { get; }

    /// <summary>The network of the nodes where links can be cut; null on the loopback interface.</summary>
    public NodeNetwork? Network { get; }

    /// <summary>What happened that no fault explains.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    public FleetNode this[string name] => _nodes[name];

    /// <summary>The nodes whose processes are there, by name.</summary>
    public IReadOnlyList<FleetNode> Running => [.. _nodes.Values.Where(n => n.Process.IsRunning).OrderBy(n => n.Name, StringComparer.Ordinal)];

    /// <summary>Where clients may go: as a load balancer, it knows who was told to end, and not who hangs.</summary>
    public IReadOnlyList<IPEndPoint> Gateways
        => [.. _nodes.Values.Where(n => n.IsOpen && n.Roles.HasFlag(NodeRoles.Gateway)).OrderBy(n => n.Name, StringComparer.Ordinal).Select(n => n.Address)];

    /// <summary>Starts a cluster and waits until all of its nodes know all of them.</summary>
    /// <param name="store">What they share; it ends with the fleet.</param>
    /// <param name="network">Where links can be cut; it ends with the fleet. Null for the loopback interface.</param>
    /// <param name="nodes">Names and roles.</param>
    /// <param name="settings">Options of every node that are not the defaults.</param>
    public static async Task<Fleet> StartAsync(
        IFleetStore store, NodeNetwork? network, (string Name, string Roles)[] nodes, IReadOnlyDictionary<string, string>? settings = null)
    {
        var fleet = new Fleet(store, network, settings);
        try
        {
            await fleet.AddAsync(nodes);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts nodes, all at once, and waits until all know all.</summary>
    public async Task AddAsync(params (string Name, string Roles)[] nodes)
    {
        await Task.WhenAll(nodes.Select(async n =>
        {
            var options = Store.Use(new NodeOptions { Data = "", Name = n.Name, Settings = _settings });
            options = Network is { } network
                ? options with { Launcher = [.. network.Launcher(n.Name), "dotnet"], Urls = $"http://{network.AddressOf(n.Name)}:0" }
                : options;

            // Who looks is on no machine of the nodes then.
            options = Network is null ? options : options.With("Management", options.Urls!);
            var cluster = $"{Network?.AddressOf(n.Name) ?? "127.0.0.1"}:0";
            options = options with { Arguments = [.. options.Arguments, "--cluster", cluster, "--roles", n.Roles] };
            var roles = n.Roles.Split(',').Aggregate(NodeRoles.None, (all, r) => all | Enum.Parse<NodeRoles>(r, ignoreCase: true));
            var node = new FleetNode(options, roles, await NodeProcess.StartAsync(options));

            // At once, so that it is ended with the others where one of them does not start.
            ImmutableInterlocked.Update(ref _nodes, static (all, added) => all.SetItem(added.Name, added), node);
        }));
        await SettleAsync();
    }

    /// <summary>Which node owns a room once all that run agree.</summary>
    public string? OwnerOf(string room) => Map().OwnerOf(room);

    /// <summary>Who owns what once all that run agree.</summary>
    public OwnerMap Map() => new(Running.Where(n => n.Roles.HasFlag(NodeRoles.Rooms)).ToDictionary(n => n.ClusterAddress, n => n.Name, StringComparer.Ordinal));

    /// <summary>SIGKILL, all at once.</summary>
    public static async Task KillAsync(params FleetNode[] nodes)
    {
        foreach (var node in nodes)
            node.IsOpen = false;
        await Task.WhenAll(nodes.Select(n => n.Process.KillAsync()));
    }

    /// <summary>SIGTERM; it has to end with 0.</summary>
    public async Task TerminateAsync(FleetNode node)
    {
        node.IsOpen = false;
        node.Process.Terminate();
        if (await node.Process.ExitAsync(TimeSpan.FromSeconds(60)) is not 0 and var code)
            _surprises.Add(string.Create(CultureInfo.InvariantCulture, $"{node.Name} was asked to end and ended with {code}"));
    }

    /// <summary>Forgets a node that is not to come back.</summary>
    public async Task RemoveAsync(FleetNode node)
    {
        Judge(node);
        _nodes = _nodes.Remove(node.Name);
        await node.DisposeAsync();
    }

    /// <summary>Starts all that have ended, and waits until all know all.</summary>
    public async Task ReviveAsync()
    {
        var ended = _nodes.Values.Where(n => !n.Process.IsRunning).ToList();
        foreach (var node in ended)
            Judge(node);
        await Task.WhenAll(ended.Select(n => n.RestartAsync()));
        await SettleAsync();
        foreach (var node in _nodes.Values)
            node.MayFail = false;
    }

    /// <summary>Waits until all that run agree on who is there.</summary>
    public async Task SettleAsync()
    {
        foreach (var node in Running)
        {
            var view = await node.Process.WaitForViewAsync(names => names.SequenceEqual(Running.Select(n => n.Name), StringComparer.Ordinal));
            node.ClusterAddress = view.Address(node.Name);
        }
    }

    /// <summary>Waits until a node has ended by itself, as somebody who was removed should.</summary>
    public async Task FailedAsync(FleetNode node)
    {
        node.IsOpen = false;
        if (await node.Process.ExitAsync(TimeSpan.FromSeconds(60)) is not 1 and var code)
            _surprises.Add(string.Create(CultureInfo.InvariantCulture, $"{node.Name} was removed and ended with {code}"));
    }

    /// <summary>Waits until one of two nodes has ended by itself, as one of two should who do not reach each other.</summary>
    public async Task OneFailedAsync(FleetNode one, FleetNode other)
    {
        FleetNode[] both = [one, other];
        var ends = both.Select(n => n.Process.ExitAsync(TimeSpan.FromSeconds(60))).ToList();
        var first = await Task.WhenAny(ends);
        var node = both[ends.IndexOf(first)];
        node.IsOpen = false;
        if (await first is not 1 and var code)
            _surprises.Add(string.Create(CultureInfo.InvariantCulture, $"{node.Name} was removed and ended with {code}"));
    }

    /// <summary>Notes something that should not be.</summary>
    public void Surprise(string what) => _surprises.Add(what);

    /// <summary>Looks for what no fault explains; call it at the end.</summary>
    public void Judge()
    {
        foreach (var node in _nodes.Values)
            Judge(node);
    }

    /// <summary>Writes what the nodes wrote into a folder.</summary>
    public async Task KeepLogsAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var node in _nodes.Values)
            await File.WriteAllTextAsync(Path.Combine(folder, node.Name + ".log"), node.Output);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
            await node.DisposeAsync();
        if (Network is not null)
            await Network.DisposeAsync();
        await Store.DisposeAsync();
    }

    private void Judge(FleetNode node)
    {
        if (!node.Process.IsRunning && node.IsOpen && !node.MayFail)
            _surprises.Add($"{node.Name} ended by itself, and no fault explains it");
        var lines = node.Process.Output.Split('\n');
        if (Array.FindIndex(lines, IsCrash) is >= 0 and var first)
            _surprises.Add($"{node.Name} wrote: {string.Join('\n', lines.Skip(first).Take(25))}");
    }

    private static bool IsCrash(string line)
        => line.Contains("Unhandled exception", StringComparison.Ordinal) || line.StartsWith("Fatal error", StringComparison.Ordinal);
}
