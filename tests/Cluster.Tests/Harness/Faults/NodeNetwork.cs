using System.Diagnostics;
using System.Globalization;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>
/// A network of the test's own: each node in a network namespace, all on one bridge, on which the clients are too. A link
/// is cut by telling one node a wrong hardware address of the other one: what it sends is then taken by nobody,
/// silently, as if the wire were cut, and the other direction goes on.
/// </summary>
/// <remarks>
/// The names hold the process's id. All of it hangs on a small shell that waits for the end of its input: when the tests'
/// process ends, however it does, the namespaces and the bridge go too.
/// </remarks>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private const string Holder = """
        read -r line
        for n in $(ip netns list | cut -d' ' -f1 | grep "^$1-"); do ip netns del "$n"; done
        ip link del "$2"
        """;
    private const string Nowhere = "02:00:00:00:00:fe";
    private static int _networks;

    private readonly string _prefix;
    private readonly string _bridge;
    private readonly string _subnet;
    private readonly string[] _names;
    private readonly Process _holder;

    private NodeNetwork(string[] names)
    {
        var number = Interlocked.Increment(ref _networks);
        _names = names;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"cc{Environment.ProcessId}x{number}");
        _bridge = string.Create(CultureInfo.InvariantCulture, $"{_prefix}b");
        _subnet = string.Create(CultureInfo.InvariantCulture, $"10.{200 + ((Environment.ProcessId >> 8) % 50)}.{(Environment.ProcessId + number) % 256}");
        _holder = Process.Start(new ProcessStartInfo("sh", ["-c", Holder, "sh", _prefix, _bridge])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Makes the network for these nodes.</summary>
    public static async Task<NodeNetwork> CreateAsync(params string[] names)
    {
        var network = new NodeNetwork(names);
        try
        {
            await network.BuildAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command that starts a program in a node's namespace.</summary>
    public IReadOnlyList<string> Launcher(string name) => ["ip", "netns", "exec", Space(name)];

    /// <summary>The address of a node.</summary>
    public string AddressOf(string name) => string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{Array.IndexOf(_names, name) + 1}");

    /// <summary>Nothing that one node sends reaches the other one; the other direction goes on.</summary>
    public Task CutAsync(string from, string to)
        => IpAsync("-n", Space(from), "neigh", "replace", AddressOf(to), "lladdr", Nowhere, "dev", "eth0", "nud", "permanent");

    /// <summary>Ends a cut.</summary>
    public Task HealAsync(string from, string to) => IpAsync("-n", Space(from), "neigh", "del", AddressOf(to), "dev", "eth0");

    public async ValueTask DisposeAsync()
    {
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync().Within("the end of a network");
        _holder.Dispose();
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().Within("ip " + string.Join(' ', arguments));
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}; CLUSTERCHAT_SKIP_CUTS=1 leaves out what needs namespaces.");
    }

    private string Space(string name) => $"{_prefix}-{name}";

    private async Task BuildAsync()
    {
        await IpAsync("link", "add", _bridge, "type", "bridge");
        await IpAsync("addr", "add", _subnet + ".254/24", "dev", _bridge);
        await IpAsync("link", "set", _bridge, "up");
        foreach (var name in _names)
        {
            var port = string.Create(CultureInfo.InvariantCulture, $"{_prefix}v{Array.IndexOf(_names, name)}");
            await IpAsync("netns", "add", Space(name));
            await IpAsync("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", Space(name));
            await IpAsync("link", "set", port, "master", _bridge, "up");
            await IpAsync("-n", Space(name), "addr", "add", AddressOf(name) + "/24", "dev", "eth0");
            await IpAsync("-n", Space(name), "link", "set", "eth0", "up");
            await IpAsync("-n", Space(name), "link", "set", "lo", "up");
        }
    }
}
