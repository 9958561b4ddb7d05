using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>HAProxy with <c>deploy/docker/haproxy.cfg</c>, in which only addresses are others. It ends with this, or with the tests' process.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    // As with PostgreSQL: the server hangs on a shell that waits for the end of its input.
    private const string Holder = """exec 3<&0; haproxy -db -f "$1" & p=$!; (read -r line <&3; kill $p) & wait $p""";
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-haproxy-").FullName;
    private Process? _holder;

    private HaproxyProcess(IPEndPoint address) => Address = address;

    /// <summary>Where clients connect.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Starts it in front of nodes that answer health checks at their public port, and waits until it takes connections.</summary>
    /// <param name="nodes">By the names that they have in the file.</param>
    public static async Task<HaproxyProcess> StartAsync(IReadOnlyDictionary<string, IPEndPoint> nodes)
    {
        var proxy = new HaproxyProcess(new IPEndPoint(IPAddress.Loopback, FreePort()));
        try
        {
            await proxy.RunAsync(nodes);
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_holder is { } holder)
        {
            holder.StandardInput.Close();
            await holder.WaitForExitAsync().Within("the end of HAProxy");
            holder.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Replace(string text, string what, string by)
        => text.Split(what).Length == 2 ? text.Replace(what, by, StringComparison.Ordinal) : throw new InvalidOperationException($"haproxy.cfg has not one \"{what}\"");

    private async Task RunAsync(IReadOnlyDictionary<string, IPEndPoint> nodes)
    {
        var file = Path.Combine(_folder, "haproxy.cfg");
        var text = Replace(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "haproxy.cfg")), "bind :8080", $"bind {Address}");
        foreach (var (name, address) in nodes)
            text = Replace(text, $"server {name} {name}:8080", string.Create(CultureInfo.InvariantCulture, $"server {name} {address} port {address.Port}"));
        await File.WriteAllTextAsync(file, text);
        _holder = Process.Start(new ProcessStartInfo("sh", ["-c", Holder, "sh", file]) { RedirectStandardInput = true, UseShellExecute = false })!;
        await ReadyAsync(_holder.WaitForExitAsync()).Within("HAProxy");
    }

    /// <summary>It answers 503 until its first checks are through.</summary>
    private async Task ReadyAsync(Task end)
    {
        using var http = RoomHttp.Client(Address);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        for (var ready = false; !ready; await poll.WaitForNextTickAsync())
        {
            end.IsCompleted.ShouldBeFalse("HAProxy did not start");
            try
            {
                using var answer = await http.GetAsync(new Uri("/client/clusterchat.js", UriKind.Relative));
                ready = answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }
}
