using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// A node as users run it: the executable in a process of its own, on a port and a folder of its own. It can be
/// killed, and started again where it was.
/// </summary>
public sealed class ChatServer : IAsyncDisposable
{
    private const string ReadyLine = "Open in a browser:";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-browser-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private readonly bool _limited;
    private readonly IReadOnlyDictionary<string, string> _settings;

    private ChatServer(int port, bool limited, IReadOnlyDictionary<string, string>? settings)
    {
        Port = port;
        _limited = limited;
        _settings = settings ?? new Dictionary<string, string>(StringComparer.Ordinal);
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    /// <summary>What the process has written.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <param name="limited">With the limits that a node has by default; tests fill rooms faster than anyone types.</param>
    /// <param name="settings">Environment variables, without <c>ClusterChat__</c>.</param>
    public static async Task<ChatServer> StartAsync(bool limited = false, IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new ChatServer(FreePort(), limited, settings);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Ends the process with SIGKILL: it gets to write nothing and to say nothing.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }
    }

    /// <summary>Asks it to end (SIGTERM), and waits until it has.</summary>
    public async Task StopAsync()
    {
        var process = _process ?? throw new InvalidOperationException("The node is not running.");
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, Output);
        process.Dispose();
        _process = null;
    }

    /// <summary>Takes the data of a node that does not run: the next start is on an empty disk.</summary>
    public void LoseData()
    {
        _process.ShouldBeNull();
        foreach (var file in Directory.GetFiles(_folder))
        {
            File.Delete(file);
        }
    }

    /// <summary>Starts it on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        var info = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"), "--urls", Address.ToString().TrimEnd('/'), "--data", _folder },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };

        if (!_limited)
        {
            info.Environment["ClusterChat__Limits__SendsPerSecond"] = "0";
        }

        foreach (var (key, value) in _settings)
        {
            info.Environment["ClusterChat__" + key] = value;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data, ready);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, ready);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The node has ended.\n" + Output));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(StartTimeout, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// A port below the ephemeral range, so that nobody is given it while the node is away: not even a client that
    /// dials this very port, which over loopback would connect to itself.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; try another.
            }
        }
    }

    private void Read(string? line, TaskCompletionSource ready)
    {
        lock (_output)
        {
            _output.AppendLine(CultureInfo.InvariantCulture, $"{line}");
        }

        if (line?.Contains(ReadyLine, StringComparison.Ordinal) == true)
        {
            ready.TrySetResult();
        }
    }
}
