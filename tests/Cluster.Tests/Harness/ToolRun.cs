using System.Diagnostics;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>The executable as a tool: it runs, says something, and ends.</summary>
internal sealed class ToolRun(params string[] arguments)
{
    /// <summary>Its environment, besides what the machine has for all programs.</summary>
    public Dictionary<string, string> Environment { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What it is expected to end with.</summary>
    public int ExitCode { get; init; }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it has written, on both streams.</returns>
    public async Task<string> RunAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var key in start.Environment.Keys.Where(NodeProcess.IsForeign).ToList())
            start.Environment.Remove(key);
        foreach (var (key, value) in Environment)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().Within("the end of: clusterchat " + string.Join(' ', arguments));
            var all = await output + await error;
            process.ExitCode.ShouldBe(ExitCode, all);
            return all;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
