using System.Diagnostics;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>The siege (<c>tests/siege.sh</c>) still works: a hundredth of an attack and of a crowd. What it measures is no test: a busy machine would fail it.</summary>
public sealed class SiegeTests
{
    [Fact]
    public async Task A_small_siege_says_what_came_of_each_attack_on_a_real_node()
    {
        using var folder = new DataFolder();
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "ClusterChat.Siege.dll"), "--node", Path.Combine(AppContext.BaseDirectory, "clusterchat.dll"),
            "--attack", "unfinished-posts,conference", "--scale", "0.01", "--honest", "5", "--seconds", "2", "--warm-up", "0", "--settle", "0",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // The log of a node that broke a promise stays otherwise.
        start.Environment["TMPDIR"] = folder.Path;
        using var siege = Process.Start(start)!;
        try
        {
            var (table, said) = (siege.StandardOutput.ReadToEndAsync(), siege.StandardError.ReadToEndAsync());
            await siege.WaitForExitAsync().Within("the end of the siege", Guard.Limit * 3);
            var rows = (await table).Split('\n').Where(l => l.Contains("lives", StringComparison.Ordinal)).ToList();
            rows.Count.ShouldBe(4, await table + await said);
            rows.ShouldContain(r => r.Contains("POSTs that stop", StringComparison.Ordinal));
            rows.ShouldContain(r => r.Contains("5 in their rooms after", StringComparison.Ordinal));
        }
        finally
        {
            if (!siege.HasExited)
                siege.Kill();
        }
    }
}
