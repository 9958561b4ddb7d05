using System.Net;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Cluster.Tests;

/// <summary>Users, sessions and addresses that operators keep out, on real nodes.</summary>
public sealed class BlockTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly (string Key, string Entry) _ops = AdminKeys.Create("ops");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_user_is_ended_and_kept_out_on_all_gateways_also_on_those_that_start_later_and_let_in_again()
    {
        await using var group = await NodeGroup.StartAsync(o => o.With("Admin:Keys:0", _ops.Entry), "n1", "n2");
        using var admin = new AdminHttp(group["n1"], _ops.Key);
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await using var tab = await ChatClient.ConnectAsync(group["n2"].Port, "ann", ann.Session);
        await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");

        var put = await admin.DoAsync(HttpMethod.Post, "blocks", """{"kind":"user","value":"ann","seconds":3600,"reason":"spam"}""");
        (put.GetProperty("disconnected").GetInt32(), put.GetProperty("complete").GetBoolean(), put.GetProperty("by").GetString()).ShouldBe((2, true, "ops"));
        (put.GetProperty("until").GetInt64() - put.GetProperty("since").GetInt64()).ShouldBe(3_600_000);
        (await ann.Closed.Within("the close")).ShouldBe(3503);
        (await tab.Closed.Within("the close")).ShouldBe(3503);
        await bob.ShouldAnswerAsync();

        (await group.TerminateAsync("n2")).ShouldBe(0);
        await group.RestartAsync("n2");
        foreach (var node in new[] { group["n1"], group["n2"] })
        {
            (await HelloAsync(node, "ann")).ShouldBe(3503);
            using var http = RoomHttp.Client(node.Port);
            http.DefaultRequestHeaders.Add("X-Guest-Name", "ann");
            using var post = await http.PostAsync(new Uri("api/rooms/lobby/messages", UriKind.Relative), new StringContent("""{"text":"hi"}"""));
            post.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            var text = await post.Content.ReadAsStringAsync();
            text.ShouldContain("\"code\":\"banned\"");
            text.ShouldContain(": spam\"");
            await using var plain = await WebSocketWire.TryConnectAsync(node.Port, "/plain?name=ann");
            plain.Status.ShouldBe(403);
        }

        (await admin.DoAsync(HttpMethod.Delete, "blocks?kind=user&value=ann")).GetProperty("deleted").GetBoolean().ShouldBeTrue();
        (await admin.AskAsync(HttpMethod.Delete, "blocks?kind=user&value=ann")).Status.ShouldBe(HttpStatusCode.NotFound);
        foreach (var node in new[] { group["n1"], group["n2"] })
        {
            await using var again = await ChatClient.ConnectAsync(node.Port, "ann");
            node.ShouldBeUnharmed();
        }

        await group["n1"].WaitForLineAsync("ops from 127.0.0.1: block user ann: disconnected 2");
        await group["n1"].WaitForLineAsync("ops from 127.0.0.1: unblock user ann: disconnected 0");
    }

    [Fact]
    public async Task An_address_is_ended_and_kept_out_of_everything_but_what_operators_ask()
    {
        await using var node = await StartAsync();
        using var admin = new AdminHttp(node, _ops.Key);
        const string From = "X-Forwarded-For: 203.0.113.7\r\n";
        await using var there = await WebSocketWire.ConnectAsync(node.Port, headers: From);
        await using var elsewhere = await ChatClient.ConnectAsync(node.Port, "bob");
        await elsewhere.JoinAsync("lobby");
        using var http = RoomHttp.Client(node.Port);
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var stream = await http.GetAsync(new Uri("api/rooms/lobby/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        stream.StatusCode.ShouldBe(HttpStatusCode.OK);
        await elsewhere.SendAckedAsync("lobby", "m1", "hi");
        var log = (await http.GetJsonAsync("api/rooms/lobby/messages")).GetProperty("log").GetString();
        var held = http.GetAsync(new Uri($"api/rooms/lobby/messages?after={log}/1&wait=60", UriKind.Relative));

        // The held poll may not have come yet; then it is refused at the door.
        (await admin.DoAsync(HttpMethod.Post, "blocks", """{"kind":"address","value":"203.0.113.9/24"}""")).GetProperty("value").GetString().ShouldBe("203.0.113.0/24");

        (await there.ReadCloseAsync()).ShouldBe(3503);
        await stream.Content.ReadAsStringAsync().Within("the end of the stream");
        using (var answer = await held.Within("the end of a held poll"))
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await using (var again = await WebSocketWire.ConnectAsync(node.Port, headers: From))
            (await again.ReadCloseAsync()).ShouldBe(3503, "pages do not see a refused upgrade");
        await using (var plain = await WebSocketWire.TryConnectAsync(node.Port, "/plain", From))
            plain.Status.ShouldBe(403);
        foreach (var path in new[] { "", "js/app.js", "api/rooms", "api/rooms/lobby/messages", "api/rooms/lobby/events", "api/openapi.json", "nothing" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        foreach (var path in new[] { "healthz/live", "healthz/ready" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        http.DefaultRequestHeaders.Add("X-Api-Key", _ops.Key);
        using (var list = await http.GetAsync(new Uri("api/admin/blocks?kind=address", UriKind.Relative)))
            (await list.Content.ReadAsStringAsync()).ShouldContain("203.0.113.0/24");
        await elsewhere.ShouldAnswerAsync();
        using (var delete = await http.DeleteAsync(new Uri("api/admin/blocks?kind=address&value=203.0.113.0/24", UriKind.Relative)))
            delete.StatusCode.ShouldBe(HttpStatusCode.OK, "whoever locks himself out can let himself in");
        using (var answer = await http.GetAsync(new Uri("api/rooms", UriKind.Relative)))
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_guests_session_that_was_ended_is_nobodys_also_after_a_restart()
    {
        string session;
        await using (var node = await StartAsync())
        {
            using var admin = new AdminHttp(node, _ops.Key);
            await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
            session = ann.Session;
            var id = (await admin.DoAsync(HttpMethod.Get, "connections?user=ann")).GetProperty("connections")[0].GetProperty("session").GetString()!;

            var ended = await admin.DoAsync(HttpMethod.Post, $"sessions/{Uri.EscapeDataString(id)}/end");
            ended.GetProperty("disconnected").GetInt32().ShouldBe(1);
            TimeSpan.FromMilliseconds(ended.GetProperty("until").GetInt64() - ended.GetProperty("since").GetInt64()).ShouldBeGreaterThan(TimeSpan.FromDays(30));
            (await ann.Closed.Within("the close")).ShouldBe(3503);
            await using var again = await ChatClient.ConnectAsync(node.Port, "ann", session);
            again.Session.ShouldNotBe(session);
            using var http = RoomHttp.Client(node.Port);
            http.DefaultRequestHeaders.Add("X-Guest-Name", "ann");
            http.DefaultRequestHeaders.Add("X-Guest-Session", session);
            using var answer = await http.GetAsync(new Uri("api/rooms", UriKind.Relative));
            answer.Headers.GetValues("X-Guest-Session").Single().ShouldNotBe(session);
            (await admin.AskAsync(HttpMethod.Delete, $"blocks?kind=ended_session&value={Uri.EscapeDataString(id)}")).Status.ShouldBe(HttpStatusCode.BadRequest, "it stays ended");
            foreach (var bad in new[] { "ann", "g:", id + "A", id[..^1] + "%0A", session })
                (await admin.AskAsync(HttpMethod.Post, $"sessions/{bad}/end")).Status.ShouldBe(HttpStatusCode.BadRequest, bad);
        }

        await using var later = await StartAsync();
        await using var back = await ChatClient.ConnectAsync(later.Port, "ann", session);
        back.Session.ShouldNotBe(session);
        later.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Blocks_are_listed_in_pages_and_what_is_none_is_refused()
    {
        await using var node = await StartAsync(("Blocks:Most", "6"));
        using var admin = new AdminHttp(node, _ops.Key);
        foreach (var bad in new[]
        {
            "", "[]", "{}", """{"kind":"user"}""", """{"kind":"room","value":"x"}""", """{"kind":"ended_session","value":"x"}""", """{"kind":"user","value":""}""",
            """{"kind":"user","value":5}""", """{"kind":"user","value":"a\u0000b"}""", """{"kind":"user","value":"a\nb"}""", """{"kind":"user","value":"\ud800"}""",
            """{"kind":"address","value":"ann"}""", """{"kind":"address","value":"0.0.0.0/0"}""", """{"kind":"user","value":"ann","seconds":0}""",
            """{"kind":"user","value":"ann","seconds":1.5}""", """{"kind":"user","value":"ann","seconds":"60"}""", """{"kind":"user","value":"ann","seconds":1e18}""",
            """{"kind":"user","value":"ann","reason":"a\nb"}""", $$"""{"kind":"user","value":"{{new string('x', 256)}}"}""",
            $$"""{"kind":"user","value":"ann","reason":"{{new string('x', 201)}}"}""",
        })
        {
            (await admin.AskAsync(HttpMethod.Post, "blocks", bad)).Status.ShouldBe(HttpStatusCode.BadRequest, bad);
        }

        foreach (var bad in new[] { "blocks?kind=room", "blocks?limit=0", "blocks?after=x", "blocks?kind=address&value=x", "blocks?value=%00" })
            (await admin.AskAsync(HttpMethod.Get, bad)).Status.ShouldBe(HttpStatusCode.BadRequest, bad);

        foreach (var (kind, value) in new[] { ("user", "a"), ("user", "b"), ("session", "s/1"), ("address", "203.0.113.7"), ("address", "2001:db8::/48"), ("user", "c") })
            await admin.DoAsync(HttpMethod.Post, "blocks", JsonSerializer.Serialize(new { kind, value }));
        var (status, body) = await admin.AskAsync(HttpMethod.Post, "blocks", """{"kind":"user","value":"d"}""");
        status.ShouldBe(HttpStatusCode.Forbidden);
        body.ShouldContain("Blocks:Most");

        var seen = new List<string?>();
        for (var after = ""; ;)
        {
            var page = await admin.DoAsync(HttpMethod.Get, "blocks?limit=2" + after);
            seen.AddRange(page.GetProperty("blocks").EnumerateArray().Select(b => b.GetProperty("value").GetString()));
            if (!page.GetProperty("more").GetBoolean())
                break;
            after = "&after=" + Uri.EscapeDataString(page.GetProperty("after").GetString()!);
        }

        seen.ShouldBe(["a", "b", "c", "s/1", "2001:db8::/48", "203.0.113.7"]);
        node.ShouldBeUnharmed();
    }

    private Task<NodeProcess> StartAsync(params (string Key, string Value)[] options) => NodeProcess.StartAsync(options.Aggregate(
        new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", _ops.Entry).With("Proxy:Networks:0", "127.0.0.1/32"), (o, s) => o.With(s.Key, s.Value)));

    /// <summary>Says hello; the close code that is the answer.</summary>
    private static async Task<int> HelloAsync(NodeProcess node, string name)
    {
        await using var wire = await WebSocketWire.ConnectAsync(node.Port);
        await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        return await wire.ReadCloseAsync();
    }
}
