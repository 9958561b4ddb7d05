using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterChat.Deploy.Tests;

/// <summary>A process that runs a node: its output is kept, and it is ended at the latest when this is disposed of.</summary>
internal sealed partial class NodeRun : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly List<string> _lines = [];

    private NodeRun(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts a program with exactly this environment, besides the search path.</summary>
    public static NodeRun Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[key] = value;
        return new NodeRun(start);
    }

    /// <summary>The first line with the text; fails when the process ends without it.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            if (_lines.Find(l => l.Contains(text, StringComparison.Ordinal)) is { } line)
                return line;
            _waiting.Add((l => l.Contains(text, StringComparison.Ordinal), found));
        }

        var exit = _process.WaitForExitAsync();
        try
        {
            if (await Task.WhenAny(found.Task, exit).WaitAsync(Limit, TimeProvider.System) == found.Task || found.Task.IsCompleted)
                return await found.Task;
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"Not within {Limit}: \"{text}\"; so far:\n{Output}", error);
        }

        throw new InvalidOperationException($"The process ended with {_process.ExitCode} without \"{text}\":\n{Output}");
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        SendSignal(_process.Id, SigTerm).ShouldBe(0);
        await _process.WaitForExitAsync().WaitAsync(Limit, TimeProvider.System);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SendSignal(int pid, int signal);

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Add(line);
            foreach (var (_, found) in _waiting.Where(w => w.Wanted(line)))
                found.TrySetResult(line);
        }
    }
}
