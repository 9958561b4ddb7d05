using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary><c>clusterchat up</c> as a process, with its nodes. All of them are ended, by their ids, at the latest when this is disposed of.</summary>
internal sealed partial class UpProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Signal _written = new();
    private readonly HashSet<int> _known = [];

    public UpProcess(int nodes, int port, string data, params string[] further)
        : this([
            "--nodes", nodes.ToString(CultureInfo.InvariantCulture),
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--data", data,
            .. further])
        => FirstPort = port;

    public UpProcess(params string[] arguments)
    {
        // What a shell starts in the background ignores SIGINT, and so does all that comes of it.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"), "up", .. arguments])
            start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _written.Pulse();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int FirstPort { get; }

    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts so many nodes on free ports, and waits until all are up.</summary>
    public static async Task<UpProcess> StartAsync(int nodes, string data, params string[] further)
    {
        var up = new UpProcess(nodes, FreePorts(nodes), data, further);
        await up.WaitForAsync("All nodes are up");
        up.Nodes().Count.ShouldBe(nodes, up.Output);
        return up;
    }

    /// <summary>The first of so many free ports in a row. Below those that the kernel gives out.</summary>
    public static int FreePorts(int count)
    {
        while (true)
        {
            var first = Random.Shared.Next(12_000, 30_000);
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }

        static bool IsFree(int port)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary>The processes of its nodes now, by when they were started.</summary>
    public IReadOnlyList<int> Nodes()
    {
        var children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .ToList();
        _known.UnionWith(children);
        return children;
    }

    /// <summary>Waits for a line with the text; from a line on, if so wanted.</summary>
    /// <returns>The number of the line after it.</returns>
    public async Task<int> WaitForAsync(string text, int from = 0)
    {
        var found = -1;
        await _written.WaitAsync(() => (found = Find(text, from)) >= 0 || _process.HasExited).Within($"\"{text}\"; so far:\n{Output}");
        return found >= 0 ? found + 1 : throw new InvalidOperationException($"It ended without \"{text}\":\n{Output}");
    }

    public void Signal(int signal) => Signal(_process.Id, signal);

    public static void Signal(int pid, int signal)
    {
        if (Send(pid, signal) != 0)
            throw new InvalidOperationException($"kill({pid}, {signal}): error {Marshal.GetLastPInvokeError()}");
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().Within($"the end of all; so far:\n{Output}", Guard.Limit * 2);
        return _process.ExitCode;
    }

    /// <summary>Waits until none of the nodes is left that it ever had.</summary>
    public async Task NobodyIsLeftAsync()
    {
        foreach (var pid in _known)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                await process.WaitForExitAsync().Within($"the end of node process {pid}");
            }
            catch (ArgumentException)
            {
                // It is gone.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Nodes();
            _process.Kill();
            await _process.WaitForExitAsync().Within("the end of a killed process");
        }

        // Ids are given out anew only after many others: these are still theirs, or nobody's.
        foreach (var pid in _known)
            _ = Send(pid, SigKill);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Send(int pid, int signal);

    private int Find(string text, int from)
    {
        lock (_lines)
            return _lines.FindIndex(Math.Min(from, _lines.Count), l => l.Contains(text, StringComparison.Ordinal));
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
                _lines.Add(line);
        }

        _written.Pulse();
    }
}
