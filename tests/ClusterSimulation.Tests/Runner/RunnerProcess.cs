using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ClusterChat.ClusterSimulation.Worlds;

namespace ClusterChat.ClusterSimulation.Runner;

/// <summary>
/// Runs worlds in a process of their own, which is this same program. The test host cannot: its threads use the pool that is watched, its tables hold
/// hash codes that are fixed in a runner, and worlds share statics of Akka.
/// </summary>
internal static class RunnerProcess
{
    /// <summary>Runs seeds one after the other.</summary>
    /// <param name="kind">Which kind of world.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last seed, included.</param>
    /// <param name="times">How often each.</param>
    /// <param name="onTrace">Is told each line of the trace; null for none.</param>
    /// <exception cref="InvalidOperationException">The process failed; what it wrote is in the message.</exception>
    public static async Task<IReadOnlyList<RunResult>> RunAsync(UnrestKind kind, int first, int last, int times = 1, Action<string>? onTrace = null)
    {
        // The one that runs this: "dotnet" need not be on the path.
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments = ["exec", typeof(RunnerProcess).Assembly.Location, kind.ToString(), Text(first), Text(last), Text(times)];
        using var process = Process.Start(new ProcessStartInfo(dotnet, onTrace is null ? arguments : [.. arguments, "trace"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var results = new List<RunResult>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith('{'))
                results.Add(JsonSerializer.Deserialize<RunResult>(line)!);
            else
                onTrace?.Invoke(line);
        }
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{kind} worlds {first} to {last} ended with {process.ExitCode}: {await errors}");
        return results;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
