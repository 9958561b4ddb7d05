using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// A gateway as a process, and addresses that take all that they can get. Loopback has many addresses; behind a trusted proxy any
/// address can be played.
/// </summary>
public sealed class FloodTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_flood_of_connections_from_one_address_is_answered_429_and_others_get_in()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "20"), ("Proxy:Networks:0", "127.0.0.1/32"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        var flood = new List<WebSocketWire>();
        try
        {
            for (var i = 0; i < 50; i++)
                flood.Add(await WebSocketWire.TryConnectAsync(node.Port, i % 2 == 0 ? "/ws" : "/plain", "X-Forwarded-For: 203.0.113.7\r\n"));
            flood.Count(w => w.Status == 101).ShouldBe(20);
            var refused = flood.Where(w => w.Status != 101).ToList();
            refused.ShouldAllBe(w => w.Status == 429 && w.Headers.Contains("Retry-After: 5", StringComparison.OrdinalIgnoreCase));
            using var http = RoomHttp.Client(node.Port);
            http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
            using var stream = await http.GetAsync(new Uri("api/rooms/lobby/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            stream.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, "a stream is a connection too");

            await using var other = await WebSocketWire.ConnectAsync(node.Port, headers: "X-Forwarded-For: 203.0.113.8\r\n");
            await using var bob = await ChatClient.ConnectAsync(node.Port, "bob");
            await bob.JoinAsync("lobby");
            await bob.SendAckedAsync("lobby", "m1", "still here");
            await ann.WaitForSeqAsync("lobby", 1);
        }
        finally
        {
            foreach (var wire in flood)
                await wire.DisposeAsync();
        }

        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_node_with_few_descriptors_keeps_those_that_it_needs_itself()
    {
        // A bare node has some 250 files open, most of them libraries.
        const int files = 500;
        var options = NodeOptions.Unlimited(_data.Path) with { Launcher = ["prlimit", $"--nofile={files}", "dotnet"] };
        await using var node = await NodeProcess.StartAsync(options);
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        var flood = new List<WebSocketWire>();
        var idle = new List<TcpClient>();
        try
        {
            while (flood.LastOrDefault()?.Status is null or 101)
                flood.Add(await WebSocketWire.TryConnectAsync(node.Port));
            flood[^1].Status.ShouldBe(503);
            for (var i = 0; i < files; i++)
            {
                idle.Add(new TcpClient());
                try
                {
                    await idle[^1].ConnectAsync(IPAddress.Loopback, node.Port);
                }
                catch (SocketException)
                {
                    // One too many of its address: closed before it could notice that it was open.
                }
            }

            await ann.SendAckedAsync("lobby", "m1", "still here");
        }
        finally
        {
            foreach (var wire in flood)
                await wire.DisposeAsync();
            idle.ForEach(i => i.Dispose());
        }

        await using var bob = await ChatClient.ConnectAsync(node.Port, "bob");
        await bob.JoinAsync("lobby");
        await bob.SendAckedAsync("lobby", "m2", "there is room again");
        await ann.WaitForSeqAsync("lobby", 2);
        node.Output.ShouldContain("clients can be connected");
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Connections_that_have_ended_make_room_for_others()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "1"));
        for (var i = 0; i < 5; i++)
        {
            await using (var ann = await ChatClient.ConnectAsync(node.Port, "ann"))
            {
                await using var second = await WebSocketWire.TryConnectAsync(node.Port);
                second.Status.ShouldBe(429);
            }

            using var http = RoomHttp.Client(node.Port);
            while (await http.ConnectionsAsync() > 0)
                await Task.Yield();
        }
    }

    [Fact]
    public async Task A_spoofed_address_is_not_believed_where_no_proxy_is_named()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "5"));
        await ShouldAdmitAsync(node, 5, i => $"X-Forwarded-For: 203.0.113.{i}\r\nForwarded: for=203.0.113.{i}\r\nX-Real-IP: 203.0.113.{i}\r\n");
        node.Output.ShouldContain("ClusterChat__Proxy__Networks__0");
        node.Count("X-Forwarded-For, which is not believed").ShouldBe(1);
    }

    [Fact]
    public async Task A_spoofed_address_is_not_believed_from_outside_of_the_proxies_networks()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "5"), ("Proxy:Networks:0", "10.0.0.0/8"), ("Proxy:Networks:1", "fd00::/8"));
        await ShouldAdmitAsync(node, 5, i => $"X-Forwarded-For: 10.0.0.{i}\r\n");
    }

    [Fact]
    public async Task What_a_client_writes_before_the_proxys_own_entry_is_not_believed()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "5"), ("Proxy:Networks:0", "127.0.0.1/32"));
        await ShouldAdmitAsync(node, 5, i => $"X-Forwarded-For: 192.0.2.{i}, 203.0.113.7\r\n");
        await ShouldAdmitAsync(node, 5, i => $"X-Forwarded-For: 127.0.0.1, 203.0.113.9\r\n");
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_count_as_one()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerAddress", "5"), ("Proxy:Networks:0", "127.0.0.1/32"));
        await ShouldAdmitAsync(node, 5, i => $"X-Forwarded-For: 2001:db8:1:2::{i + 1}\r\n");
        await ShouldAdmitAsync(node, 8, i => $"X-Forwarded-For: 2001:db8:2:{i + 1}::1\r\n");
    }

    [Fact]
    public async Task A_flood_of_messages_from_one_address_leaves_the_rate_of_others_alone()
    {
        await using var node = await StartAsync(
            ("Proxy:Networks:0", "127.0.0.1/32"), ("Limits:SendsPerSecondPerAddress", "1"), ("Limits:SendBurstPerAddress", "10"));
        using var flood = RoomHttp.Client(node.Port);
        flood.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        flood.DefaultRequestHeaders.Add("X-Guest-Name", "eve");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            using var body = new StringContent("""{"text":"spam"}""", Encoding.UTF8, "application/json");
            using var answer = await flood.PostAsync(new Uri("api/rooms/lobby/messages", UriKind.Relative), body);
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                answer.Headers.RetryAfter.ShouldNotBeNull();
        }

        statuses.Count(s => s == HttpStatusCode.OK).ShouldBeInRange(10, 20);
        statuses.ShouldAllBe(s => s == HttpStatusCode.OK || s == HttpStatusCode.TooManyRequests);
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "m1", "hi");
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_user_with_too_many_connections_is_closed_with_3504()
    {
        await using var node = await StartAsync(("Limits:ConnectionsPerUser", "2"));
        await using var first = await ChatClient.ConnectAsync(node.Port, "ann");
        await using var second = await ChatClient.ConnectAsync(node.Port, "ann", first.Session);
        await using var third = await WebSocketWire.ConnectAsync(node.Port);
        await third.SendTextAsync($$"""{"id":1,"t":"hello","name":"ann","session":"{{first.Session}}"}""");
        (await third.ReadAsync().Within("the close"))!.CloseCode.ShouldBe(3504);
        await first.ShouldAnswerAsync();
        await second.ShouldAnswerAsync();
    }

    [Fact]
    public async Task Whoever_comes_after_as_many_addresses_as_are_remembered_pays_for_nobody_else()
    {
        await using var node = await StartAsync(
            ("Limits:MaxUnusedShares", "20"), ("Proxy:Networks:0", "127.0.0.1/32"), ("Limits:RequestsPerSecondPerAddress", "0.001"), ("Limits:RequestBurstPerAddress", "2"));
        using var http = RoomHttp.Client(node.Port);
        for (var i = 0; i < 100; i++)
        {
            HttpStatusCode[] statuses = [await AskAsync(i), await AskAsync(i), await AskAsync(i)];
            statuses.ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests]);
        }

        async Task<HttpStatusCode> AskAsync(int address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/rooms", UriKind.Relative));
            request.Headers.Add("X-Forwarded-For", $"203.0.113.{address}");
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Who_joins_and_leaves_all_the_time_is_seen_by_the_others_now_and_then_and_is_told_to_slow_down()
    {
        await using var node = await StartAsync(("Limits:JoinBurst", "150"), ("Limits:JoinsPerSecond", "0.01"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await using var eve = await ChatClient.ConnectAsync(node.Port, "eve");
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 150; i++)
        {
            await eve.JoinAsync("lobby", limit: 0);
            (await eve.AskAsync(new() { ["t"] = "leave", ["room"] = "lobby" })).GetProperty("t").GetString().ShouldBe("left");
        }

        var refused = await eve.AskAsync(new() { ["t"] = "join", ["room"] = "lobby", ["limit"] = 0 });
        refused.GetProperty("code").GetString().ShouldBe("rate_limited");
        refused.GetProperty("retryMs").GetInt32().ShouldBeInRange(1000, 100_000);

        // Who comes after all of that is seen soon, and in the end all are right.
        await using var bob = await ChatClient.ConnectAsync(node.Port, "bob");
        await bob.JoinAsync("lobby");
        await ann.WaitForAsync(l => l.GetProperty("t").GetString() == "presence" && l.GetProperty("join").EnumerateArray().Any(n => n.GetString() == "bob"), "bob");
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        ann.Lines.Count(l => l.GetProperty("t").GetString() == "presence").ShouldBeLessThanOrEqualTo(11 + (int)(4 * seconds));
        var members = await ann.AskAsync(new() { ["t"] = "members", ["room"] = "lobby" });
        members.GetProperty("members").EnumerateArray().Select(m => m.GetString()).ShouldBe(["ann", "bob"]);
        node.ShouldBeUnharmed();
    }

    private static async Task ShouldAdmitAsync(NodeProcess node, int expected, Func<int, string> headers)
    {
        var wires = new List<WebSocketWire>();
        try
        {
            for (var i = 0; i < 8; i++)
                wires.Add(await WebSocketWire.TryConnectAsync(node.Port, headers: headers(i)));
            wires.Count(w => w.Status == 101).ShouldBe(expected);
            wires.Count(w => w.Status == 429).ShouldBe(8 - expected);
        }
        finally
        {
            foreach (var wire in wires)
                await wire.DisposeAsync();
        }
    }

    private Task<NodeProcess> StartAsync(params (string Key, string Value)[] settings)
        => NodeProcess.StartAsync(settings.Aggregate(new NodeOptions { Data = _data.Path }, (o, s) => o.With(s.Key, s.Value)));
}
