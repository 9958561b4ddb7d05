using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Bench;

/// <summary>A server in a process of its own, with its data in a temporary folder.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _data;

    private ServerProcess(ServerKind kind, Process process, int port, string data)
    {
        _process = process;
        _data = data;
        Port = port;
        Dialect = kind switch
        {
            ServerKind.ClusterChat => Dialect.ClusterChat,
            ServerKind.SignalR => Dialect.SignalR,
            _ => Dialect.Raw,
        };
    }

    public int Port { get; }

    public Dialect Dialect { get; }

    /// <summary>The CPU time that it has used, user and system.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The bytes of its memory that are resident.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a server and waits until it takes connections.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="node">The clusterchat.dll to measure; null for the one built beside this.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<ServerProcess> StartAsync(ServerKind kind, string? node, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var data = Directory.CreateTempSubdirectory("clusterchat-bench-").FullName;
        var start = kind switch
        {
            ServerKind.ClusterChat => Node(node ?? Built("src/ClusterChat", "clusterchat.dll"), port, data),
            ServerKind.Bare => new ProcessStartInfo(Compile(data)) { ArgumentList = { Text(port) } },
            ServerKind.BareEach => new ProcessStartInfo(Compile(data)) { ArgumentList = { Text(port), "each" } },
            _ => new ProcessStartInfo("dotnet")
            {
                ArgumentList = { Built("bench/ClusterChat.Baselines", "baselines.dll"), kind == ServerKind.SignalR ? "signalr" : "sendasync", "--urls", $"http://127.0.0.1:{port}" },
            },
        };
        var process = Process.Start(start)!;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new ServerProcess(kind, process, port, data);
            }
            catch (SocketException) when (attempt < 200 && !process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", Text(_process.Id)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static ProcessStartInfo Node(string dll, int port, string data) => new("dotnet")
    {
        ArgumentList = { dll, "--urls", $"http://127.0.0.1:{port}", "--data", data },
        Environment =
        {
            ["ClusterChat__Limits__SendsPerSecond"] = "0",
            ["ClusterChat__Rooms__Memory__0"] = "mem:*",
            ["Logging__LogLevel__Default"] = "Warning",
        },
    };

    private static string Compile(string folder)
    {
        var binary = Path.Combine(folder, "broadcaster");
        using var compiler = Process.Start("cc", ["-O2", "-o", binary, Path.Combine(Root, "bench/bare/broadcaster.c")]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? binary : throw new InvalidOperationException("cc could not compile bench/bare/broadcaster.c.");
    }

    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private static string Built(string project, string file) => Path.Combine(Root, project, "bin/Release/net10.0", file);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
