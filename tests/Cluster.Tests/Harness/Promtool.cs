using System.Diagnostics;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// Prometheus' own reader of metrics and rules: <c>CLUSTERCHAT_PROMTOOL</c>, or the one on the path. <c>./test.sh</c> gets it where it is
/// missing; tests that need it have the trait <c>Needs=promtool</c>.
/// </summary>
internal static class Promtool
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code, and what it wrote on both streams.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("CLUSTERCHAT_PROMTOOL") ?? "promtool", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start).ShouldNotBeNull();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }
}
