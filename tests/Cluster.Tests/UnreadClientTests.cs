using System.Globalization;
using System.Net;
using System.Text;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>Clients that ask for much and read nothing of it, and a bystander who must not feel it.</summary>
public sealed class UnreadClientTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Who_reads_nothing_is_closed_though_nothing_more_comes_and_says_that_it_lives()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutputTimeout", "00:00:02").With("Limits:CloseTimeout", "00:05:00"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await FillAsync(node, 40);
        await using var unread = await AskForPagesAsync(node.Port, "unread", 28);

        // It is closed by the clock: nothing comes any more that would be appended. What goes on being written is a page.
        var queued = await QueuedAsync(node, q => q > 1_000_000).Within("pages that wait");
        output.WriteLine($"{queued:N0} bytes wait");
        while (await QueuedAsync(node) > 300_000)
            await unread.SendRawAsync(WebSocketWire.Frame(WireFrame.Pong, []));

        (await unread.ReadCloseAsync()).ShouldBe(3008);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Who_reads_nothing_is_closed_though_the_system_would_take_all_of_it()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutputTimeout", "00:00:02").With("Limits:CloseTimeout", "00:00:01"));
        await FillAsync(node, 20);
        await using var unread = await AskForPagesAsync(node.Port, "unread", 2);

        // Its sockets would hold half a megabyte and more, and nobody would know that it waits there.
        await ClosedAsync().Within("the end of a client that reads nothing");
        node.ShouldBeUnharmed();

        async Task ClosedAsync()
        {
            while ((await Scrape.ReadAsync(Address(node))).Sum("clusterchat_connections_closed_total", "reason=slow") < 1)
            {
                // The answer was the wait.
            }
        }
    }

    [Fact]
    public async Task All_who_read_nothing_hold_no_more_than_the_budget_and_are_cut()
    {
        const int budget = 4 * 1024 * 1024;
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutputBytes", budget.ToString(CultureInfo.InvariantCulture))

            // A page that is being written, and its copy, are held until the client is cut: of twenty small ones at once that would be more than the budget.
            .With("Limits:SendBufferBytes", "0"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await FillAsync(node, 20);
        var unread = new List<WebSocketWire>();
        try
        {
            var most = 0d;
            for (var i = 0; i < 20; i++)
            {
                unread.Add(await AskForPagesAsync(node.Port, string.Create(CultureInfo.InvariantCulture, $"unread{i}"), 28));
                most = Math.Max(most, (await Scrape.ReadAsync(Address(node))).Sum("clusterchat_output_held_bytes"));
            }

            // All of them are there still, as far as they know. Those who held most are gone after a second or two.
            while ((await Scrape.ReadAsync(Address(node))) is var metrics && metrics.Sum("clusterchat_connections_closed_total", "reason=slow") < 1)
                most = Math.Max(most, metrics.Sum("clusterchat_output_held_bytes"));
            output.WriteLine($"{most:N0} bytes were held at most");
            most.ShouldBeLessThan(budget * 1.5);
            await bystander.ShouldFlowAsync();
            node.ShouldBeUnharmed();
        }
        finally
        {
            foreach (var wire in unread)
                await wire.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stream_of_events_that_nobody_reads_is_closed()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:OutputTimeout", "00:00:01").With("Limits:CloseTimeout", "00:00:01"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        await using var stream = await WebSocketWire.OpenAsync(node.Port, receiveBuffer: 4096);
        await stream.SendRawAsync("GET /api/rooms/big/events HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("big", limit: 0);
        using var http = RoomHttp.Client(node.Port);
        await UntilAsync(count => count == 3).Within("the stream");

        // Until the sockets take no more, and then nothing.
        var text = new string('x', 16_000);
        for (var i = 0; await QueuedAsync(node) < 50_000; i++)
            await writer.SendAckedAsync("big", string.Create(CultureInfo.InvariantCulture, $"m{i}"), text);
        await UntilAsync(count => count == 2).Within("the end of a stream that nobody reads");

        writer.Closed.IsCompleted.ShouldBeFalse();
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();

        async Task UntilAsync(Func<int, bool> condition)
        {
            while (!condition(await http.ConnectionsAsync()))
            {
                // The answer was the wait.
            }
        }
    }

    private static IPEndPoint Address(NodeProcess node) => new(IPAddress.Loopback, node.Port);

    /// <summary>What waits for all clients, as soon as it is as asked for.</summary>
    private static async Task<double> QueuedAsync(NodeProcess node, Func<double, bool>? condition = null)
    {
        while (true)
        {
            var queued = (await Scrape.ReadAsync(Address(node))).Sum("clusterchat_outboxes_queued_bytes");
            if (condition?.Invoke(queued) != false)
                return queued;
        }
    }

    /// <summary>So many messages of 16 kB.</summary>
    private static async Task FillAsync(NodeProcess node, int count)
    {
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("big", limit: 0);
        var text = new string('x', 16_000);
        for (var i = 0; i < count; i++)
            await writer.SendAckedAsync("big", string.Create(CultureInfo.InvariantCulture, $"m{i}"), text);
    }

    /// <summary>Joins, asks for the newest page so many times, and reads nothing more.</summary>
    private static async Task<WebSocketWire> AskForPagesAsync(int port, string name, int pages)
    {
        var wire = await WebSocketWire.ConnectAsync(port, receiveBuffer: 4096);
        await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        (await wire.ReadTextAsync()).ShouldContain("welcome");
        await wire.SendTextAsync("""{"id":2,"t":"join","room":"big","limit":0}""");
        (await wire.ReadTextAsync()).ShouldContain("joined");
        var asks = new StringBuilder();
        for (var i = 0; i < pages; i++)
            asks.Append(CultureInfo.InvariantCulture, $$"""{"id":{{i + 3}},"t":"history","room":"big","limit":200}""").Append('\n');
        await wire.SendTextAsync(asks.ToString());
        return wire;
    }
}
