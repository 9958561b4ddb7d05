using System.Net;
using System.Text;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Cluster.Tests;

/// <summary>The admin API of a real node, and of a cluster.</summary>
public sealed class AdminTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly (string Key, string Entry) _ops = AdminKeys.Create("ops");
    private readonly (string Key, string Entry) _ann = AdminKeys.Create("ann@example");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Without_keys_there_is_no_admin_api()
    {
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path });
        (await AskAsync(node, HttpMethod.Get, "connections", _ops.Key)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_a_key_opens_it_and_who_has_tried_is_in_the_audit_log()
    {
        await using var node = await StartAsync();
        foreach (var key in new string?[] { null, "", "x", _ops.Entry, _ops.Entry[4..], _ops.Key[..^1], _ops.Key + "A", _ops.Key.ToUpperInvariant() })
        {
            var (status, body) = await AskAsync(node, HttpMethod.Get, "connections", key);
            status.ShouldBe(HttpStatusCode.Unauthorized, key);
            body.ShouldContain("unauthorized");
        }

        foreach (var key in new[] { _ops.Key, _ann.Key })
            (await AskAsync(node, HttpMethod.Get, "connections", key)).Status.ShouldBe(HttpStatusCode.OK);
        await node.WaitForLineAsync("ClusterChat.Audit");
        await node.WaitForCountAsync("was refused: list connections", 8);
        await node.WaitForLineAsync("ops from 127.0.0.1: list connections");
        await node.WaitForLineAsync("ann@example from 127.0.0.1: list connections");
        node.Output.ShouldNotContain(_ops.Key);
    }

    [Fact]
    public async Task Wrong_keys_are_limited_and_beyond_that_no_key_of_the_address_is_looked_at()
    {
        await using var node = await NodeProcess.StartAsync(
            new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", _ops.Entry).With("Proxy:Networks:0", "127.0.0.1/32"));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 20; i++)
            statuses.Add((await AskAsync(node, HttpMethod.Get, "connections", "wrong" + i)).Status);
        statuses.Count(s => s == HttpStatusCode.Unauthorized).ShouldBeInRange(10, 12);
        statuses[^1].ShouldBe(HttpStatusCode.TooManyRequests);
        (await AskAsync(node, HttpMethod.Get, "connections", _ops.Key)).Status.ShouldBe(HttpStatusCode.TooManyRequests, "the right guess");
        (await AskAsync(node, HttpMethod.Get, "connections", _ops.Key, from: "203.0.113.7")).Status.ShouldBe(HttpStatusCode.OK, "an operator elsewhere");
        node.Count("was refused").ShouldBeLessThanOrEqualTo(12);
    }

    [Fact]
    public async Task Right_keys_are_not_limited()
    {
        await using var node = await StartAsync();
        for (var i = 0; i < 40; i++)
            (await AskAsync(node, HttpMethod.Get, "connections", _ops.Key)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nothing_that_is_asked_for_forges_a_line_of_the_audit_log()
    {
        await using var node = await StartAsync();
        const string forged = "info: ClusterChat.Audit[4200]";
        var asked = new[]
        {
            (HttpMethod.Post, "users/x%0A" + forged + "/disconnect"), (HttpMethod.Post, "users/x%0D%1B%5B2J" + forged + "/disconnect"),
            (HttpMethod.Post, "users/x%E2%80%A8" + forged + "/disconnect"), (HttpMethod.Post, "users/ann:%20disconnected%205/disconnect"),
            (HttpMethod.Get, "connections?user=x%0A" + forged), (HttpMethod.Get, "connections?room=x%0A" + forged),
            (HttpMethod.Get, "connections?node=x%0A" + forged), (HttpMethod.Delete, "rooms/x%0A" + forged),
        };
        foreach (var (method, path) in asked)
            await AskAsync(node, method, path, _ops.Key);
        await node.WaitForLineAsync("""delete room "x\n""");
        node.Output.Split('\n').Where(l => l.Contains("x\\n" + forged, StringComparison.Ordinal)).Count().ShouldBe(5);
        node.Output.ShouldContain("""disconnect "ann: disconnected 5": disconnected 0""");
        node.Output.Any(c => char.IsControl(c) && c is not ('\n' or '\r')).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_may_stand_in_a_file()
    {
        var file = Path.Combine(_data.Path, "keys");
        await File.WriteAllTextAsync(file, $"# who may operate\n\n{_ops.Entry}\n");
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path }.With("Admin:KeysFile", file));
        (await AskAsync(node, HttpMethod.Get, "connections", _ops.Key)).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(node, HttpMethod.Get, "connections", _ann.Key)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Connections_are_listed_by_user_and_room_in_pages()
    {
        await using var node = await StartAsync();
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await using var bob = await ChatClient.ConnectAsync(node.Port, "bob");
        await using var plain = await WebSocketWire.ConnectAsync(node.Port, "/plain?room=lobby&name=cy");
        await ann.JoinAsync("lobby");
        await ann.JoinAsync("team");
        await bob.JoinAsync("team");

        (await ListAsync(node, "")).Select(c => c.GetProperty("name").GetString()).ShouldBe(["ann", "bob", "cy"], ignoreOrder: true);
        var found = (await ListAsync(node, "?user=ann")).ShouldHaveSingleItem();
        found.GetProperty("rooms").EnumerateArray().Select(r => r.GetString()).ShouldBe(["lobby", "team"], ignoreOrder: true);
        found.GetProperty("address").GetString().ShouldBe("127.0.0.1");
        found.GetProperty("node").GetString().ShouldBe("n1");
        (await ListAsync(node, "?room=team")).Select(c => c.GetProperty("name").GetString()).ShouldBe(["ann", "bob"], ignoreOrder: true);
        (await ListAsync(node, "?room=nowhere")).ShouldBeEmpty();

        var pages = new List<string?>();
        for (var after = ""; ;)
        {
            using var page = JsonDocument.Parse((await AskAsync(node, HttpMethod.Get, $"connections?limit=1{after}", _ops.Key)).Body);
            pages.AddRange(page.RootElement.GetProperty("connections").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
            if (!page.RootElement.GetProperty("more").GetBoolean())
                break;
            after = "&after=" + Uri.EscapeDataString(page.RootElement.GetProperty("after").GetString()!);
        }

        pages.ShouldBe(["ann", "bob", "cy"], ignoreOrder: true);
        (await AskAsync(node, HttpMethod.Get, "connections?limit=0", _ops.Key)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync(node, HttpMethod.Get, "connections?after=x", _ops.Key)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync(node, HttpMethod.Get, "connections?node=other", _ops.Key)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"text":5}""")]
    [InlineData("""{"text":""}""")]
    [InlineData("""{"text":"\ud800"}""")]
    public async Task A_notice_without_a_text_is_refused(string body)
    {
        await using var node = await StartAsync();
        (await AskAsync(node, HttpMethod.Post, "notice", _ops.Key, body)).Status.ShouldBe(HttpStatusCode.BadRequest);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Orders_reach_the_clients_of_all_gateways_whichever_node_is_asked()
    {
        await using var group = await NodeGroup.StartAsync(o => o.With("Admin:Keys:0", _ops.Entry), "n1", "n2", "n3");
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await using var again = await ChatClient.ConnectAsync(group["n2"].Port, "ann", ann.Session);
        await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");
        await using var plain = await WebSocketWire.ConnectAsync(group["n3"].Port, "/plain?name=cy");

        var shown = await AskAsync(group["n3"], HttpMethod.Post, "notice", _ops.Key, """{"text":"back in\nfive minutes"}""");
        shown.Body.ShouldBe("""{"shown":4,"complete":true,"silent":[]}""");
        foreach (var client in new[] { ann, again, bob })
            (await client.WaitForAsync(l => l.GetProperty("t").GetString() == "notice", "the notice")).GetProperty("text").GetString().ShouldBe("back in\nfive minutes");
        (await plain.ReadTextAsync()).ShouldBe("* back in five minutes");

        (await ListAsync(group["n3"], "")).Select(c => $"{c.GetProperty("node").GetString()} {c.GetProperty("name").GetString()}")
            .ShouldBe(["n1 ann", "n2 ann", "n2 bob", "n3 cy"]);
        (await ListAsync(group["n3"], "?node=n2&user=ann")).ShouldHaveSingleItem();

        var ended = await AskAsync(group["n3"], HttpMethod.Post, "users/ann/disconnect", _ops.Key);
        ended.Body.ShouldBe("""{"disconnected":2,"complete":true,"silent":[]}""");
        (await ann.Closed.Within("the close")).ShouldBe(3503);
        (await again.Closed.Within("the close")).ShouldBe(3503);
        await bob.ShouldAnswerAsync();
        await group["n3"].WaitForLineAsync("ops from 127.0.0.1: disconnect ann: disconnected 2");
        foreach (var name in new[] { "n1", "n2", "n3" })
            group[name].ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_gateway_that_does_not_answer_is_named()
    {
        await using var group = await NodeGroup.StartAsync(o => o.With("Admin:Keys:0", _ops.Entry), "n1", "n2");
        group["n2"].Freeze();
        try
        {
            (await AskAsync(group["n1"], HttpMethod.Post, "users/ann/disconnect", _ops.Key)).Body.ShouldBe("""{"disconnected":0,"complete":false,"silent":["n2"]}""");
        }
        finally
        {
            group["n2"].Thaw();
        }
    }

    [Fact]
    public async Task A_deleted_room_is_empty_under_a_new_log_for_who_is_in_it_and_who_comes()
    {
        await using var group = await NodeGroup.StartAsync(o => o.With("Admin:Keys:0", _ops.Entry), "n1", "n2", "n3");
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");
        var rooms = Enumerable.Range(0, 4).Select(i => "room-" + i).ToList();
        foreach (var room in rooms)
        {
            var log = (await ann.JoinAsync(room)).GetProperty("log").GetString()!;
            await bob.JoinAsync(room);
            await ann.SendAckedAsync(room, "m1", "secret");
            await bob.WaitForSeqAsync(room, 1);

            var deleted = await AskAsync(group["n3"], HttpMethod.Delete, "rooms/" + room, _ops.Key);
            deleted.Body.ShouldBe("""{"deleted":true}""");

            foreach (var client in new[] { ann, bob })
                await client.WaitForAsync(l => l.GetProperty("t").GetString() == "reset" && l.GetProperty("room").GetString() == room, "the reset of " + room);
            var again = await ann.JoinAsync(room, since: (log, 1));
            again.GetProperty("recovered").GetBoolean().ShouldBeFalse();
            again.GetProperty("log").GetString().ShouldNotBe(log);
            again.GetProperty("msgs").GetArrayLength().ShouldBe(0);
            (await ann.SendAckedAsync(room, "m1", "fresh")).GetProperty("seq").GetInt64().ShouldBe(1);
            await using var cy = await ChatClient.ConnectAsync(group["n3"].Port, "cy");
            (await cy.JoinAsync(room)).GetProperty("msgs").EnumerateArray().Select(m => m.GetProperty("text").GetString()).ShouldBe(["fresh"]);
        }

        (await AskAsync(group["n1"], HttpMethod.Delete, "rooms/nowhere", _ops.Key)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(group["n1"], HttpMethod.Delete, "rooms/a%20b", _ops.Key)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync(group["n1"], HttpMethod.Delete, "rooms/room-0", "wrong")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await group["n3"].WaitForLineAsync("ops from 127.0.0.1: delete room room-0: deleted");
        foreach (var name in new[] { "n1", "n2", "n3" })
            group[name].ShouldBeUnharmed();
    }

    private Task<NodeProcess> StartAsync()
        => NodeProcess.StartAsync(new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", _ops.Entry).With("Admin:Keys:1", _ann.Entry));

    private async Task<IReadOnlyList<JsonElement>> ListAsync(NodeProcess node, string query)
    {
        var (status, body) = await AskAsync(node, HttpMethod.Get, "connections" + query, _ops.Key);
        status.ShouldBe(HttpStatusCode.OK, body);
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.Clone().GetProperty("connections").EnumerateArray()];
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        NodeProcess node, HttpMethod method, string path, string? key, string? body = null, string? from = null)
    {
        using var http = RoomHttp.Client(node.Port);
        using var request = new HttpRequestMessage(method, new Uri("api/admin/" + path, UriKind.Relative));
        if (key is not null)
            request.Headers.TryAddWithoutValidation("X-Api-Key", key);
        if (from is not null)
            request.Headers.Add("X-Forwarded-For", from);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
