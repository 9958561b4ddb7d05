using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// The executable as a process of its own. What it writes is kept; it is ended, by its id, at the latest when
/// this is disposed of.
/// </summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigStop = 19;
    private const int SigCont = 18;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Signal _written = new();
    private readonly NodeOptions _options;

    // A long run measures what is deployed: compiled ahead of time.
    private static readonly string Executable =
        Environment.GetEnvironmentVariable("CLUSTERCHAT_NODE") ?? Path.Combine(AppContext.BaseDirectory, "clusterchat.dll");

    private NodeProcess(NodeOptions options)
    {
        _options = options;
        var start = new ProcessStartInfo(options.Launcher[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        string[] arguments =
        [
            .. options.Launcher.Skip(1),
            Executable,
            "--name", options.Name,
            "--urls", options.Urls ?? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port}"),
            "--data", options.Data,
            .. options.Arguments,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        // Whatever the machine has set for other programs is not meant for this one.
        foreach (var key in start.Environment.Keys.Where(IsForeign).ToList())
            start.Environment.Remove(key);
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";

        // The runtime's debugging sockets: a process that is killed leaves them in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (key, value) in options.Settings)
            start.Environment["ClusterChat__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;

        foreach (var (key, value) in options.Environment)
            start.Environment[key] = value;

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _written.Pulse();
        _process.Start();
        Pid = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The process's id.</summary>
    public int Pid { get; }

    /// <summary>Where it listens for clients; null before it is ready.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>The port that it listens on; 0 before it is ready.</summary>
    public int Port => Address?.Port ?? 0;

    /// <summary>Where its management port is; null for a node without one, and before it listens.</summary>
    public IPEndPoint? Management => AddressIn(Find("Management (health"));

    /// <summary>Whether the process is still there.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>All that it has written, on both streams.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>The lines of it that say that something went wrong: <c>fail:</c> and <c>crit:</c> of the log, and crashes.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lines)
                return [.. _lines.Where(l => ErrorLine().IsMatch(l))];
        }
    }

    /// <summary>The warnings of the log.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lines)
                return [.. _lines.Where(l => WarningLine().IsMatch(l))];
        }
    }

    /// <summary>Starts a node and waits until it takes connections.</summary>
    public static async Task<NodeProcess> StartAsync(NodeOptions options)
    {
        var node = new NodeProcess(options);
        try
        {
            var line = await node.WaitForLineAsync("Open in a browser", "it has no port for clients");
            node.Address = AddressIn(line);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node that is expected to end by itself.</summary>
    public static NodeProcess StartFailing(NodeOptions options) => new(options);

    /// <summary>Starts the node once more, on the same data and port.</summary>
    public Task<NodeProcess> RestartAsync() => StartAsync(_options with { Port = Port, Urls = Address is null ? _options.Urls : $"http://{Address}" });

    /// <summary>The first line with one of the texts; fails where the process ends without it.</summary>
    public async Task<string> WaitForLineAsync(params string[] texts)
    {
        var what = $"\"{string.Join("\" or \"", texts)}\"";
        string? found = null;
        await WithinAsync(_written.WaitAsync(() => (found = Find(texts)) is not null || _process.HasExited), $"{what} from the node");
        if (found is null)
        {
            // The last lines may come behind the news of the exit.
            await ExitAsync();
            found = Find(texts);
        }

        return found ?? throw new InvalidOperationException($"The node ended with {_process.ExitCode} without {what}:\n{Output}");
    }

    /// <summary>How many lines with the text there are.</summary>
    public int Count(string text)
    {
        lock (_lines)
            return _lines.Count(l => l.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits until there are so many lines with the text.</summary>
    public Task WaitForCountAsync(string text, int count)
        => WithinAsync(_written.WaitAsync(() => Count(text) >= count || _process.HasExited), $"\"{text}\" for the {count}th time");

    /// <summary>SIGKILL: the process has no say in it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM: asks the process to end.</summary>
    public void Terminate() => Send(SigTerm);

    /// <summary>SIGSTOP: freezes the process.</summary>
    public void Freeze() => Send(SigStop);

    /// <summary>SIGCONT: lets it go on.</summary>
    public void Thaw() => Send(SigCont);

    /// <summary>The exit code, once the process has ended and all that it wrote was read.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        await WithinAsync(_process.WaitForExitAsync(), "the end of the node", limit);
        return _process.ExitCode;
    }

    /// <summary>The process lives, and has written nothing that an operator would have to worry about.</summary>
    public void ShouldBeUnharmed()
    {
        IsRunning.ShouldBeTrue("the node ended:\n" + Output);
        Errors.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().Within("the end of a killed node");
        }

        _process.Dispose();
    }

    // The time stands before the level.
    [GeneratedRegex(@"^(\S+Z )?warn: ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WarningLine();

    [GeneratedRegex(@"^(\S+Z )?(fail|crit): |Unhandled exception|Fatal error|^Process terminated", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"http://(?<address>[\d.]+:\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddressOfNode();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SendSignal(int pid, int signal);

    /// <summary>A variable that would change how a node runs.</summary>
    public static bool IsForeign(string key)
        => key.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
            || key.StartsWith("ClusterChat__", StringComparison.OrdinalIgnoreCase)
            || key.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase)
            || string.Equals(key, "URLS", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the node wrote until the time was over tells why.</summary>
    private async Task WithinAsync(Task task, string what, TimeSpan? limit = null)
    {
        try
        {
            await task.Within(what, limit);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}; so far:\n{Output}", error);
        }
    }

    private void Send(int signal)
    {
        if (SendSignal(Pid, signal) != 0)
            throw new InvalidOperationException($"kill({Pid}, {signal}): error {Marshal.GetLastPInvokeError()}");
    }

    private static IPEndPoint? AddressIn(string? line)
        => AddressOfNode().Match(line ?? string.Empty) is { Success: true } found ? IPEndPoint.Parse(found.Groups["address"].ValueSpan) : null;

    private string? Find(params string[] texts)
    {
        lock (_lines)
            return _lines.Find(l => texts.Any(t => l.Contains(t, StringComparison.Ordinal)));
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
