using System.Diagnostics;

namespace ClusterChat.Host;

/// <summary>
/// A node that <c>up</c> has started: this program once more, as a process of its own. It hangs on its standard input:
/// when that ends, because <c>up</c> wants it to or is gone, it stops as with SIGTERM.
/// </summary>
internal sealed class ChildNode : IDisposable
{
    private readonly Process _process;

    private ChildNode(Process process) => _process = process;

    /// <param name="name">Its name.</param>
    /// <param name="address">Where it is to listen for clients.</param>
    /// <param name="options">Where the data are.</param>
    /// <param name="say">Takes what it writes, line by line.</param>
    public static ChildNode Start(string name, string address, UpOptions options, Action<string> say)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program's path is not known.");
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"));
        }

        string[] arguments = ["--name", name, "--urls", address, "--cluster", "127.0.0.1:0", "--data", options.Data];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ClusterChat__EndWithInput"] = "true";

        // One address is no good for several nodes, and up itself reads the figures at the clients' one.
        start.Environment["ClusterChat__Management"] = string.Empty;
        if (options.Postgres is not null)
        {
            // Not as an argument, which others see: it may hold a password.
            start.Environment["ClusterChat__Postgres"] = options.Postgres;
        }

        // What goes wrong is shown, and what goes right is in the status. A node does not wait for who reads it.
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        start.Environment["Logging__Console__QueueFullMode"] = "DropWrite";
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += Pass;
        process.ErrorDataReceived += Pass;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildNode(process);

        void Pass(object sender, DataReceivedEventArgs line)
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                say($"{name}: {line.Data}");
            }
        }
    }

    /// <summary>Waits for its end, and sees to it when the time has come.</summary>
    /// <param name="stopping">Asks it to stop.</param>
    /// <param name="killing">Ends it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken killing)
    {
        await using var stop = stopping.UnsafeRegister(static process => ((Process)process!).StandardInput.Close(), _process);
        await using var kill = killing.UnsafeRegister(static process => ((Process)process!).Kill(), _process);

        // Not by a token: the end of the process is what it waits for.
        await _process.WaitForExitAsync(CancellationToken.None);
        return _process.ExitCode;
    }

    public void Dispose() => _process.Dispose();
}
