using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>The log of containers: one JSON object a line.</summary>
public sealed class JsonLogTests
{
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
}
