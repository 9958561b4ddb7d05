using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClusterChat.Host;

/// <summary>A node that <c>up</c> has started: this program once more, as a process of its own.</summary>
internal sealed partial class ChildNode : IDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;
    private readonly Uri _address;

    private ChildNode(string name, int port, Process process)
    {
        Name = name;
        _process = process;
        _address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/cluster"));
    }

    public string Name { get; }

    public bool IsRunning => !_process.HasExited;

    public static ChildNode Start(string name, int port, string data)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program's path is not known.");
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"));
        }

        string[] arguments =
        [
            "--name", name,
            "--urls", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"),
            "--cluster", "127.0.0.1:0",
            "--data", data,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // What goes wrong is shown, and what goes right is in the status line.
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        return new ChildNode(name, port, Process.Start(start)!);
    }

    /// <summary>Asks it to end; it may have ended already.</summary>
    public void Terminate()
    {
        if (IsRunning)
        {
            _ = SendSignal(_process.Id, SigTerm);
        }
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>One line about it: what it says of itself.</summary>
    public async Task<string> DescribeAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (!IsRunning)
        {
            return $"{Name} ended with {_process.ExitCode}";
        }

        try
        {
            using var document = JsonDocument.Parse(await http.GetStringAsync(_address, cancellationToken));
            var view = document.RootElement;
            var nodes = view.GetProperty("nodes").EnumerateArray().ToList();
            var self = nodes.Find(n => n.GetProperty("name").GetString() == Name);
            return self.ValueKind == JsonValueKind.Undefined
                ? $"{Name} joining"
                : $"{Name} view {view.GetProperty("view")} of {nodes.Count} nodes, {self.GetProperty("shards")} shards, {self.GetProperty("connections")} connections";
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{Name} does not answer";
        }
    }

    public void Dispose() => _process.Dispose();

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SendSignal(int pid, int signal);
}
