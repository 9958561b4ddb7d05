using System.Globalization;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests.Observability;

/// <summary>What the executable shows of itself at <c>/metrics</c>.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task What_clients_do_is_counted_where_it_is_done()
    {
        await using var group = await NodeGroup.StartAsync("n1", "n2");
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");

        // Each belongs to either node by chance: so many that both have some.
        string[] rooms = [.. Enumerable.Range(0, 24).Select(i => string.Create(CultureInfo.InvariantCulture, $"room{i}"))];
        foreach (var room in rooms)
        {
            await ann.JoinAsync(room);
            await bob.JoinAsync(room);
            await ann.SendAsync(room, "m1", "hi");
            await bob.WaitForSeqAsync(room, 1);
        }

        await group["n1"].WaitForAsync(v => v.Shards("n1") > 0 && v.Shards("n2") > 0, "shards on both nodes");
        var one = await Scrape.ReadAsync(group["n1"].Address!);
        var two = await Scrape.ReadAsync(group["n2"].Address!);

        one.Sum("clusterchat_connections", "kind=json").ShouldBe(1);
        one.Sum("clusterchat_sends_total").ShouldBe(rooms.Length);
        one.Sum("clusterchat_acks_total", "dup=false").ShouldBe(rooms.Length);
        one.Sum("clusterchat_ack_duration_seconds_count").ShouldBe(rooms.Length);
        two.Sum("clusterchat_sends_total").ShouldBe(0);
        two.Sum("clusterchat_deliveries_total").ShouldBe(rooms.Length);
        foreach (var each in new[] { "clusterchat_appends_total", "clusterchat_append_duration_seconds_count", "clusterchat_decide_duration_seconds_count" })
        {
            (one.Sum(each) + two.Sum(each)).ShouldBe(rooms.Length, each);
        }

        one.Sum("clusterchat_view_number").ShouldBe(two.Sum("clusterchat_view_number"));
        one.Sum("clusterchat_members").ShouldBe(2);
        one.Sum("clusterchat_node_ready").ShouldBe(1);
        one.Sum("clusterchat_node_info", "node=n1").ShouldBe(1);
        one.Sum("clusterchat_members_unreachable").ShouldBe(0);
        one.Sum("clusterchat_members_leaving").ShouldBe(0);
        one.Sum("clusterchat_gateway_dropped_total").ShouldBe(0);
        one.Sum("clusterchat_actors_failures_total").ShouldBe(0);
        one.Sum("clusterchat_cluster_evictions_total").ShouldBe(0);
        one.Sum("clusterchat_lanes_batches_total").ShouldBeGreaterThan(0);
        one.Sum("clusterchat_store_silence_seconds").ShouldBeLessThan(60);
        one.Sum("process_open_fds").ShouldBeGreaterThan(0);
        one.Sum("dotnet_process_memory_working_set_bytes").ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [InlineData("text/plain", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData(null, "text/plain; version=0.0.4; charset=utf-8")]
    public async Task Who_asks_gets_the_format_that_it_reads(string? accept, string type)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        var (sent, text) = await Scrape.TextAsync(node.Address!, accept);
        sent.ShouldBe(type);
        text.EndsWith("# EOF\n", StringComparison.Ordinal).ShouldBe(type.StartsWith("application", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Needs", "promtool")]
    public async Task Prometheus_reads_it_and_finds_no_fault_with_this_project_s_names()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAsync("lobby", "m1", "hi");

        var (_, text) = await Scrape.TextAsync(node.Address!);
        var (code, output) = await Promtool.RunAsync(text, "check", "metrics");

        // 3 means that it reads it, and would have called something otherwise: the runtime's own names are OpenTelemetry's.
        code.ShouldBeOneOf([0, 3], output);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.StartsWith("dotnet_", StringComparison.Ordinal));
    }
}
