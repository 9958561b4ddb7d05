using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>SIGTERM: the node finishes what it has begun, says goodbye, and is gone within its grace period.</summary>
public sealed class TerminationTests(ITestOutputHelper output)
{
    private const int Clients = 20;

    [Fact]
    public async Task Sigterm_under_load_acks_what_was_taken_closes_with_3001_and_ends_with_0()
    {
        using var data = new DataFolder();
        var ledger = new Ledger();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Limits:CloseTimeout", "00:00:20"));
        var clients = new List<ChatClient>();
        for (var i = 0; i < Clients; i++)
        {
            var client = await ChatClient.ConnectAsync(node.Port, string.Create(CultureInfo.InvariantCulture, $"c{i}"), onLine: ledger.OnLine);
            await client.JoinAsync("lobby");
            clients.Add(client);
        }

        var talking = clients.Select(c => TalkAsync(c, ledger)).ToList();
        await ledger.Changed.WaitAsync(() => ledger.Acked >= 500).Within("500 acks");
        var start = Stopwatch.GetTimestamp();
        node.Terminate();

        var codes = await Task.WhenAll(clients.Select(c => c.Closed)).Within("all are closed");
        var exit = await node.ExitAsync();
        var elapsed = Stopwatch.GetElapsedTime(start);
        await Task.WhenAll(talking).Within("the talkers notice");
        output.WriteLine($"{ledger.Sent} sent, {ledger.Acked} acked; gone after {elapsed.TotalSeconds:F2} s");

        codes.ShouldAllBe(code => code == 3001);
        elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15), "clients that answer are not waited for");
        exit.ShouldBe(0);
        node.Output.ShouldContain("has stopped; every acked message is on disk");
        node.Output.ShouldContain("0 unacked writes were left");
        node.Errors.ShouldBeEmpty();

        // What was written to the journal was acked, as nothing was killed; and the other way round.
        await using var again = await node.RestartAsync();
        using var http = RoomHttp.Client(again.Port);
        var history = await http.ReadHistoryAsync("lobby");
        ledger.ShouldHold("lobby", history);
        history.Count.ShouldBe(ledger.Acked, "an event that was written and not acked");
        ledger.Violations.ShouldBeEmpty();
        foreach (var client in clients)
        {
            client.Trace("lobby").Violations.ShouldBeEmpty();
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stuck_client_does_not_hold_the_process_beyond_its_grace_and_nobody_new_is_let_in_meanwhile()
    {
        var grace = TimeSpan.FromSeconds(6);
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Limits:DrainGrace", grace.ToString()).With("Limits:CloseTimeout", "00:00:03"));
        using var http = RoomHttp.Client(node.Port);
        (await http.GetAsync(new Uri("healthz/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var stuck = await WebSocketWire.ConnectAsync(node.Port, receiveBuffer: 4096);
        await stuck.SendTextAsync("""{"id":1,"t":"hello","name":"stuck"}""");
        await stuck.SendTextAsync("""{"id":2,"t":"join","room":"lobby"}""");
        await using var writer = await ChatClient.ConnectAsync(node.Port, "writer");
        await writer.JoinAsync("lobby");
        await FillAsync(writer);

        var start = Stopwatch.GetTimestamp();
        node.Terminate();
        await node.WaitForLineAsync("Draining");

        // It is neither ready nor open while the stuck client is waited for.
        using (var ready = await http.GetAsync(new Uri("healthz/ready", UriKind.Relative)))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("draining");
        }

        await using (var late = await WebSocketWire.TryConnectAsync(node.Port))
            late.Status.ShouldBe(503);
        (await writer.Closed.Within("the close of who reads")).ShouldBe(3001);
        (await node.ExitAsync(grace + TimeSpan.FromSeconds(5))).ShouldBe(0);

        var elapsed = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"gone after {elapsed.TotalSeconds:F2} s of {grace.TotalSeconds} s");
        elapsed.ShouldBeLessThan(grace);
        node.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sigterm_ends_plain_sse_and_long_polling_clients_too()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Limits:CloseTimeout", "00:00:20"));
        using var http = RoomHttp.Client(node.Port);
        await using var client = await ChatClient.ConnectAsync(node.Port, "ann");
        await client.JoinAsync("lobby");
        var ack = await client.SendAckedAsync("lobby", "m1", "x");
        var log = (await client.JoinAsync("lobby")).GetProperty("log").GetString();
        await using var plain = await WebSocketWire.ConnectAsync(node.Port, "/");
        (await plain.ReadTextAsync()).ShouldBe("ann: x");
        await using var sse = await SseClient.OpenAsync(node.Port, "lobby");
        (await sse.NextAsync()).Data.ShouldContain("m1");
        var poll = http.GetAsync(new Uri($"api/rooms/lobby/messages?after={log}/{ack.GetProperty("seq")}&wait=50", UriKind.Relative));
        var start = Stopwatch.GetTimestamp();

        node.Terminate();

        (await plain.ReadCloseAsync()).ShouldBe(3001);
        (await client.Closed.Within("the close")).ShouldBe(3001);
        (await node.ExitAsync()).ShouldBe(0);
        output.WriteLine($"gone after {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s");
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(15), "a held poll holds the process");
        await sse.EndAsync();
        await Task.WhenAny(poll).Within("the end of the poll");
        node.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sigterm_without_clients_ends_at_once()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });

        node.Terminate();

        (await node.ExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0);
        node.Errors.ShouldBeEmpty();
    }

    private static async Task TalkAsync(ChatClient client, Ledger ledger)
    {
        try
        {
            for (var n = 1; !client.Closed.IsCompleted; n++)
            {
                var mid = string.Create(CultureInfo.InvariantCulture, $"{client.Name}-{n}");
                var write = ledger.Add(new SentWrite(client.Name, "lobby", mid, "text of " + mid));
                await client.WriteAsync(new JsonObject { ["t"] = "send", ["room"] = write.Room, ["mid"] = write.Mid, ["text"] = write.Text }.ToJsonString());
                await client.Changed.WaitAsync(() => client.Closed.IsCompleted || ledger.UnackedCount(client.Name) < 8).Within("acks");
            }
        }
        catch (IOException)
        {
            await client.Closed.Within("the close");
        }
    }

    /// <summary>Sends until the stuck reader's buffers are full, and not so much that it is closed as slow.</summary>
    private static async Task FillAsync(ChatClient writer)
    {
        var text = new string('x', 16_000);
        for (var n = 0; n < 280; n++)
            await writer.SendAckedAsync("lobby", string.Create(CultureInfo.InvariantCulture, $"w{n}"), text);
    }
}
