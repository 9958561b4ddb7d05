using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Cluster.Tests.Harness.Otlp;
using Google.Protobuf;

namespace ClusterChat.Cluster.Tests.Observability;

/// <summary>What nodes send to a collector of OpenTelemetry.</summary>
public sealed class OtlpTests
{
    private static readonly string[] Rooms = ["red", "green", "blue", "white", "black", "grey", "pink", "teal"];

    // The names of the specification; a test does not want to wait for a minute.
    private static readonly Dictionary<string, string> Soon = new(StringComparer.Ordinal)
    {
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "300",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
    };

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    public async Task Metrics_traces_and_the_log_come_to_the_collector(string protocol)
    {
        await using var collector = await Collector.StartAsync(protocol == "grpc");
        using var data = new DataFolder();
        var options = To(collector.Address, protocol, new NodeOptions { Data = data.Path });
        await using var node = await NodeProcess.StartAsync(options);
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "m1", "hi");

        await collector.WaitAsync(c => c.Metrics.Contains(("n1", "clusterchat.ack.duration")) && c.Metrics.Contains(("n1", "dotnet.gc.collections")));
        await collector.WaitAsync(c => c.Logs.Any(l => l.Node == "n1" && l.Line.StartsWith("Open in a browser: http://", StringComparison.Ordinal)));
        await collector.WaitAsync(c => c.Spans.Select(s => s.Name).Order(StringComparer.Ordinal).SequenceEqual(["append", "decide", "deliver", "send"]));
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_trace_follows_a_message_over_the_owner_and_the_journal_to_each_gateway()
    {
        await using var collector = await Collector.StartAsync(grpc: false);
        await using var group = await NodeGroup.StartAsync(o => To(collector.Address, "http", o), "n1", "n2");
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");
        foreach (var room in Rooms)
        {
            await ann.JoinAsync(room);
            await bob.JoinAsync(room);
            await ann.SendAckedAsync(room, "m1", "hi");
            await bob.WaitForSeqAsync(room, 1);
        }

        // Where the owner is n1: one link, to bob's gateway. Where it is n2: one there, and one back to ann's.
        await collector.WaitAsync(c => c.Spans.GroupBy(s => s.TraceId).Count(IsWhole) == Rooms.Length);
        var traces = collector.Spans.GroupBy(s => s.TraceId).ToList();
        traces.Count.ShouldBe(Rooms.Length);
        foreach (var trace in traces)
        {
            var root = trace.Single(s => s.ParentSpanId.IsEmpty);
            root.Name.ShouldBe("send");
            Tag(root, "clusterchat.node").ShouldBe("n1");
            trace.Select(s => s.SpanId).ShouldBeUnique();
            foreach (var span in trace)
            {
                Tag(span, "clusterchat.room").ShouldBe(Tag(root, "clusterchat.room"));
                span.EndTimeUnixNano.ShouldBeGreaterThanOrEqualTo(span.StartTimeUnixNano);
                (span.ParentSpanId.IsEmpty ? span.SpanId : span.ParentSpanId).ShouldBe(root.SpanId);
            }

            var owner = Tag(trace.Single(s => s.Name == "decide"), "clusterchat.node");
            trace.Single(s => s.Name == "append").ShouldSatisfyAllConditions(
                a => Tag(a, "clusterchat.node").ShouldBe(owner), a => Tag(a, "clusterchat.outcome").ShouldBe("committed"));
            trace.Where(s => s.Name == "deliver").Select(s => Tag(s, "clusterchat.node")).ShouldBe(["n1", "n2"], ignoreOrder: true);
            trace.Where(s => s.Name == "link").Select(s => Tag(s, "clusterchat.node")).ShouldBe(owner == "n1" ? ["n2"] : ["n1", "n2"], ignoreOrder: true);
        }
    }

    [Fact]
    public async Task A_collector_that_is_not_there_harms_nobody()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(To("http://127.0.0.1:1", "grpc", new NodeOptions { Data = data.Path }));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        for (var i = 1; i <= 20; i++)
        {
            await ann.SendAckedAsync("lobby", $"m{i}", "hi");
        }

        node.Terminate();
        (await node.ExitAsync()).ShouldBe(0);
        node.Errors.ShouldBeEmpty();
        node.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Telemetry:OtlpEndpoint", "collector:4317")]
    [InlineData("Telemetry:OtlpProtocol", "carrier pigeon")]
    [InlineData("Telemetry:TraceRatio", "1.5")]
    [InlineData("Telemetry:TraceRatio", "-1")]
    public async Task A_wrong_option_is_named_with_its_variable(string key, string value)
    {
        using var data = new DataFolder();
        await using var node = NodeProcess.StartFailing(new NodeOptions { Data = data.Path }.With(key, value));
        (await node.ExitAsync()).ShouldBe(2);
        node.Output.ShouldContain("ClusterChat__" + key.Replace(":", "__", StringComparison.Ordinal));
    }

    private static bool IsWhole(IGrouping<ByteString, Span> trace)
    {
        var names = trace.Select(s => s.Name).ToLookup(n => n, StringComparer.Ordinal);
        var owner = trace.FirstOrDefault(s => s.Name == "decide") is { } decide ? Tag(decide, "clusterchat.node") : null;
        return names["send"].Any() && names["append"].Any() && names["deliver"].Count() == 2 && names["link"].Count() == (owner == "n1" ? 1 : 2);
    }

    private static NodeOptions To(string collector, string protocol, NodeOptions options) => options
        .With("Telemetry:OtlpEndpoint", collector).With("Telemetry:OtlpProtocol", protocol).With("Telemetry:TraceRatio", "1") with
    { Environment = Soon };

    private static string Tag(Span span, string key) => span.Attributes.Single(a => a.Key == key).Value.StringValue;
}
