using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace ClusterChat.Siege.Processes;

/// <summary>The node, as a process of its own with data of its own. It is ended, and they are gone, when this is disposed of.</summary>
internal sealed partial class SiegeNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<IPEndPoint> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lines;

    private SiegeNode(ProcessStartInfo start, string folder)
    {
        Folder = folder;
        _log = new StreamWriter(Path.Combine(folder, "node.log"));
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"The node ended before it was ready; see {folder}/node.log"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exit = _process.WaitForExitAsync();
    }

    /// <summary>Where its data and its log are.</summary>
    public string Folder { get; }

    /// <summary>Where it listens for clients.</summary>
    public IPEndPoint Address { get; private set; } = null!;

    /// <summary>The process's id.</summary>
    public int Pid => _process.Id;

    /// <summary>Completes when the process has ended.</summary>
    public Task Exit { get; }

    /// <summary>What it ended with; null while it lives.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>The lines that it has written.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>The bytes of its data, without the log.</summary>
    public long DataBytes => new DirectoryInfo(Data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Starts a node and waits until it takes clients.</summary>
    /// <param name="program">The node's executable, or its <c>.dll</c>.</param>
    /// <param name="heapLimit">The limit of its heap, as <c>DOTNET_GCHeapHardLimit</c> has it.</param>
    /// <param name="files">The files that it may have open; null for as many as this program.</param>
    /// <param name="settings">Options by their key below <c>ClusterChat</c>.</param>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task<SiegeNode> StartAsync(string program, string heapLimit, int? files, IReadOnlyDictionary<string, string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("clusterchat-siege-").FullName;
        var data = Path.Combine(folder, "data");
        Directory.CreateDirectory(data);
        string[] command =
        [
            .. files is null ? (string[])[] : ["prlimit", string.Create(CultureInfo.InvariantCulture, $"--nofile={files}:{files}")],
            .. program.EndsWith(".dll", StringComparison.Ordinal) ? (string[])["dotnet", program] : [program],
            "--name", "siege", "--urls", "http://127.0.0.1:0", "--data", data,
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };

        // Whatever the machine has set for other programs is not meant for this one.
        foreach (var key in start.Environment.Keys.Where(k => Foreign().IsMatch(k)).ToList())
            start.Environment.Remove(key);
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        start.Environment["DOTNET_GCHeapHardLimit"] = heapLimit;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // Whatever becomes of this program, the node does not outlive it.
        start.Environment["ClusterChat__EndWithInput"] = "true";
        foreach (var (key, value) in settings)
            start.Environment["ClusterChat__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;

        var node = new SiegeNode(start, folder);
        try
        {
            node.Address = await node._ready.Task.WaitAsync(StartLimit, TimeProvider.System);
            return node;
        }
        catch
        {
            node.KeepsLog = true;
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the folder with the log stays, without the data.</summary>
    public bool KeepsLog { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await Exit;
        _process.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(KeepsLog ? Data : Folder, recursive: true);
    }

    [GeneratedRegex("^(ASPNETCORE_|ClusterChat__|Logging__|URLS$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Foreign();

    [GeneratedRegex(@"Open in a browser: http://(?<address>[\d.]+:\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ready();

    private void Keep(string? line)
    {
        if (line is null)
            return;
        Interlocked.Increment(ref _lines);
        if (!_ready.Task.IsCompleted && Ready().Match(line) is { Success: true } found)
            _ready.TrySetResult(IPEndPoint.Parse(found.Groups["address"].ValueSpan));
        lock (_gate)
            _log.WriteLine(line);
    }
}
