using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>What the log's lines look like.</summary>
public sealed partial class LogFormatTests
{
    [Theory]
    [InlineData("simple")]
    [InlineData("json")]
    [InlineData("systemd")]
    public async Task Each_line_of_a_start_says_when_in_UTC(string format)
    {
        using var data = new DataFolder();
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Data = data.Path,
            Arguments = ["--cluster", "127.0.0.1:0"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Logging__Console__FormatterName"] = format,

                // Local time is not to be taken for it.
                ["TZ"] = "Asia/Tokyo",
            },
        });

        var lines = node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeGreaterThan(2);
        foreach (var line in lines)
        {
            var time = Time().Match(line);
            time.Success.ShouldBeTrue(line);
            DateTimeOffset.Parse(time.Groups["time"].Value, CultureInfo.InvariantCulture).ShouldBeInRange(before, DateTimeOffset.UtcNow.AddSeconds(1), line);
        }
    }

    [Fact]
    public async Task A_format_of_the_operator_s_own_wins()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Data = data.Path,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["Logging__Console__FormatterOptions__TimestampFormat"] = "'at' yyyy " },
        });

        node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(l => l.StartsWith("at 20", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_line_is_an_object_with_level_event_and_message()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Data = data.Path,
            Arguments = ["--cluster", "127.0.0.1:0"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["Logging__Console__FormatterName"] = "json" },
        });
        node.Terminate();
        (await node.ExitAsync()).ShouldBe(0);

        var entries = node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        entries.Count.ShouldBeGreaterThan(3);
        entries.ShouldAllBe(e => e.GetProperty("LogLevel").GetString()!.Length > 0 && e.GetProperty("Message").GetString()!.Length > 0);
        var stopped = entries.Single(e => e.GetProperty("EventId").GetInt32() == 5002);
        stopped.GetProperty("State").GetProperty("Name").GetString().ShouldBe("n1");
    }

    [GeneratedRegex("""^(<\d>|\{"Timestamp":")?(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)[ "]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();
}
