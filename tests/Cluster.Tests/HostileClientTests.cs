using System.Globalization;
using System.Text;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>Clients that keep to the form and not to any measure. Each test has a node of its own, with limits that are soon met.</summary>
public sealed class HostileClientTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_sender_at_ten_times_its_rate_is_refused_then_closed_and_slows_nobody()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }
            .With("Limits:SendsPerSecond", "40").With("Limits:SendBurst", "40")
            .With("Limits:RefusalsPerSecond", "20").With("Limits:RefusalBurst", "200"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var flooder = await ChatClient.ConnectAsync(node.Port, "flooder");
        await flooder.JoinAsync("lobby", limit: 0);

        // 400 a second, in portions, until the server has had enough.
        var start = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var sent = 0;
        try
        {
            while (!flooder.Closed.IsCompleted && sent < 5000)
            {
                await flooder.WriteAsync(Enumerable.Range(sent, 20).Select(n => string.Create(
                    CultureInfo.InvariantCulture, $$"""{"id":{{n + 100}},"t":"send","room":"lobby","mid":"f{{n}}","text":"x"}""")));
                sent += 20;
                await pace.WaitForNextTickAsync();
            }
        }
        catch (IOException)
        {
            // It was closed between the look and the write.
        }

        (await flooder.Closed.Within("the close")).ShouldBe(3013);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var refusals = flooder.Lines.Where(l => l.GetProperty("t").GetString() == "error").ToList();
        refusals.Count.ShouldBeGreaterThanOrEqualTo(200);
        foreach (var refusal in refusals)
        {
            refusal.GetProperty("code").GetString().ShouldBe("rate_limited");
            refusal.GetProperty("temporary").GetBoolean().ShouldBeTrue();
            refusal.GetProperty("retryMs").GetInt32().ShouldBeInRange(1, 1000);
        }

        var acks = flooder.Lines.Count(l => l.GetProperty("t").GetString() == "ack");
        output.WriteLine($"{sent} sent in {seconds:F2} s: {acks} acked, {refusals.Count} refused; the bystander waited {bystander.Slowest.TotalMilliseconds:F0} ms at most");
        ((double)acks).ShouldBeLessThanOrEqualTo(40 + (40 * seconds) + 1);
        acks.ShouldBeGreaterThanOrEqualTo(40);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Theory]
    [InlineData("pings", "/ws")]
    [InlineData("pongs", "/ws")]
    [InlineData("fragments", "/ws")]
    [InlineData("empty frames", "/ws")]
    [InlineData("blank lines", "/ws")]
    [InlineData("pings", "/plain")]
    [InlineData("empty frames", "/plain")]
    public async Task Who_says_nothing_over_and_over_is_closed(string what, string path)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }
            .With("Limits:RequestsPerSecond", "20").With("Limits:RequestBurst", "50").With("Limits:RefusalsPerSecond", "20").With("Limits:RefusalBurst", "50"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var idler = path == "/ws" ? await HelloAsync(node.Port, "idler") : await WebSocketWire.ConnectAsync(node.Port, "/plain?room=elsewhere");
        var code = idler.ReadCloseAsync();
        var frame = what switch
        {
            "pings" => WebSocketWire.Frame(WireFrame.Ping, []),
            "pongs" => WebSocketWire.Frame(WireFrame.Pong, []),
            "fragments" => WebSocketWire.Frame(WireFrame.Continuation, [], final: false),
            "blank lines" => WebSocketWire.Frame(WireFrame.TextFrame, "\n\n"u8),
            _ => WebSocketWire.Frame(WireFrame.TextFrame, []),
        };
        if (what == "fragments")
            await idler.SendRawAsync(WebSocketWire.Frame(WireFrame.TextFrame, "x"u8, final: false));

        try
        {
            // Many times what is allowed; no clock decides how long it takes.
            for (var i = 0; i < 20_000 && !code.IsCompleted; i++)
                await idler.SendRawAsync(frame);
        }
        catch (IOException)
        {
            // It was closed between the look and the write.
        }

        (await code).ShouldBe(3013);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_reader_that_stops_is_closed_as_slow()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutboxBytes", "262144").With("Limits:CloseTimeout", "00:05:00"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var late = await JoinAndStopReadingAsync(node.Port, "late");
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("lobby", limit: 0);

        // More than the sockets' buffers and the outbox can take.
        for (var n = 0; n < 450; n += 5)
            await SendBigAsync(writer, n, 5);

        (await late.ReadCloseAsync()).ShouldBe(3008);
        output.WriteLine($"the bystander waited {bystander.Slowest.TotalMilliseconds:F0} ms at most");
        await bystander.ShouldFlowAsync();
        writer.Trace("lobby").Violations.ShouldBeEmpty();
        writer.Closed.IsCompleted.ShouldBeFalse();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_reader_that_never_comes_back_is_cut()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutboxBytes", "262144").With("Limits:CloseTimeout", "00:00:01"));
        using var http = RoomHttp.Client(node.Port);
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var never = await JoinAndStopReadingAsync(node.Port, "never");
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("lobby", limit: 0);
        (await http.ConnectionsAsync()).ShouldBe(3);

        for (var n = 0; await http.ConnectionsAsync() > 2; n += 5)
        {
            n.ShouldBeLessThan(3000, "a stuck connection is not cut");
            await SendBigAsync(writer, n, 5);
        }

        await bystander.ShouldFlowAsync();
        writer.Closed.IsCompleted.ShouldBeFalse();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task The_largest_burst_that_the_default_limits_allow_closes_nobody_who_reads()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("lobby", limit: 0);

        await SendBigAsync(writer, 0, 100);

        await bystander.ShouldFlowAsync();
        writer.Trace("lobby").Violations.ShouldBeEmpty();
        writer.Closed.IsCompleted.ShouldBeFalse();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Half_a_frame_and_silence_end_by_the_clock_and_a_slow_one_is_served()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:HelloTimeout", "00:00:02").With("Limits:PingInterval", "00:00:02"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        var frame = WebSocketWire.Frame(WireFrame.TextFrame, Encoding.UTF8.GetBytes("""{"id":9,"t":"hello","name":"half"}"""));

        // Before hello: no hello in time. After it: no sign of life, as it does not pong. Pongs keep it alive.
        await using var before = await WebSocketWire.ConnectAsync(node.Port);
        await before.SendRawAsync(frame.AsMemory(0, frame.Length / 2));
        await using var header = await WebSocketWire.ConnectAsync(node.Port);
        await header.SendRawAsync(frame.AsMemory(0, 1));
        await using var after = await HelloAsync(node.Port, "after");
        after.IsPolite = false;
        await after.SendRawAsync(frame.AsMemory(0, frame.Length / 2));
        await using var alive = await HelloAsync(node.Port, "alive");
        var request = WebSocketWire.Frame(WireFrame.TextFrame, """{"id":9,"t":"ping"}"""u8);
        await alive.SendRawAsync(request.AsMemory(0, request.Length / 2));
        var silent = alive.ReadAsync();

        (await before.ReadCloseAsync()).ShouldBe(3500);
        (await header.ReadCloseAsync()).ShouldBe(3500);
        (await after.ReadCloseAsync()).ShouldBe(3012);

        // The server's ping in the middle of its frame; it pongs only after the frame, and all is well.
        (await silent.Within("a ping"))!.Opcode.ShouldBe(WireFrame.Ping);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_thousand_connections_that_never_say_hello_are_closed_and_slow_nobody()
    {
        const int Many = 1000;
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Limits:HelloTimeout", "00:00:03"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        using var http = RoomHttp.Client(node.Port);
        var wires = new List<WebSocketWire>();
        try
        {
            var codes = new List<Task<int>>();
            for (var i = 0; i < Many; i++)
            {
                var wire = await WebSocketWire.ConnectAsync(node.Port);
                wires.Add(wire);
                codes.Add(wire.ReadCloseAsync(TimeSpan.FromSeconds(60)));
            }

            await bystander.ShouldFlowAsync();
            (await Task.WhenAll(codes)).ShouldAllBe(code => code == 3500);
            output.WriteLine($"the bystander waited {bystander.Slowest.TotalMilliseconds:F0} ms at most");
        }
        finally
        {
            foreach (var wire in wires)
                await wire.DisposeAsync();
        }

        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (await http.ConnectionsAsync() > 1)
            await poll.WaitForNextTickAsync().AsTask().Within("the end of silent connections");
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Connections_over_the_limit_are_refused_and_those_that_are_there_go_on()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Limits:MaxConnections", "3"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var second = await WebSocketWire.ConnectAsync(node.Port);
        await using var third = await WebSocketWire.ConnectAsync(node.Port, "/plain?name=third");

        await using var fourth = await WebSocketWire.TryConnectAsync(node.Port);

        fourth.Status.ShouldBe(503);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    /// <summary>Sends messages of 16 kB and waits for the acks.</summary>
    private static async Task SendBigAsync(ChatClient writer, int first, int count)
    {
        var text = new string('x', 16_000);
        for (var n = first; n < first + count; n++)
            await writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{n + 100}},"t":"send","room":"lobby","mid":"w{{n}}","text":"{{text}}"}"""));
        await writer.WaitForAsync(
            l => l.GetProperty("t").GetString() == "ack" && l.GetProperty("id").GetInt32() == 100 + first + count - 1, "acks");
    }

    private static async Task<WebSocketWire> HelloAsync(int port, string name, int receiveBuffer = 0)
    {
        var wire = await WebSocketWire.ConnectAsync(port, receiveBuffer: receiveBuffer);
        await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        (await wire.ReadTextAsync()).ShouldContain("welcome");
        return wire;
    }

    private static async Task<WebSocketWire> JoinAndStopReadingAsync(int port, string name)
    {
        var wire = await HelloAsync(port, name, receiveBuffer: 4096);
        await wire.SendTextAsync("""{"id":2,"t":"join","room":"lobby","limit":0}""");
        (await wire.ReadTextAsync()).ShouldContain("joined");
        return wire;
    }
}
