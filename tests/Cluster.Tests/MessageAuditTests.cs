using System.Net;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Cluster.Tests;

/// <summary>Who sent what from where, on a real node.</summary>
public sealed class MessageAuditTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly (string Key, string Entry) _ops = AdminKeys.Create("ops");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Nothing_is_kept_unless_somebody_has_said_so()
    {
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", _ops.Entry));
        using var admin = new AdminHttp(node, _ops.Key);
        var (status, body) = await admin.AskAsync(HttpMethod.Get, "audit?user=ann");
        status.ShouldBe(HttpStatusCode.NotFound);
        body.ShouldContain("Audit:Enabled");
        File.Exists(Path.Combine(_data.Path, "audit.db")).ShouldBeFalse();
    }

    [Fact]
    public async Task Messages_of_all_kinds_of_clients_are_found_by_number_and_by_user_with_their_addresses()
    {
        var options = new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", _ops.Entry).With("Audit:Enabled", "true").With("Proxy:Networks:0", "127.0.0.1/32");
        string user;
        await using (var node = await NodeProcess.StartAsync(options))
        {
            using var admin = new AdminHttp(node, _ops.Key);
            await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
            await ann.JoinAsync("lobby");
            await ann.SendAckedAsync("lobby", "m1", "one");
            (await ann.SendAckedAsync("lobby", "m1", "one")).GetProperty("dup").GetBoolean().ShouldBeTrue();
            using var http = RoomHttp.Client(node.Port);
            http.DefaultRequestHeaders.Add("X-Guest-Name", "bob");
            http.DefaultRequestHeaders.Add("X-Forwarded-For", "2001:db8::7");
            using (var post = await http.PostAsync(new Uri("api/rooms/lobby/messages", UriKind.Relative), new StringContent("""{"text":"two","mid":"m2"}""")))
                post.StatusCode.ShouldBe(HttpStatusCode.OK);
            await using var plain = await WebSocketWire.ConnectAsync(node.Port, "/plain?name=cy", "X-Forwarded-For: 203.0.113.7\r\n");
            await plain.SendTextAsync("three");
            await ann.WaitForSeqAsync("lobby", 3);

            // What has been acked is written before the node ends.
            user = (await admin.DoAsync(HttpMethod.Get, "connections?user=ann")).GetProperty("connections")[0].GetProperty("user").GetString()!;
            await plain.DisposeAsync();
            node.Terminate();
            (await node.ExitAsync()).ShouldBe(0);
            node.Errors.ShouldBeEmpty();
        }

        await using var later = await NodeProcess.StartAsync(options);
        using var asked = new AdminHttp(later, _ops.Key);
        var two = (await AskAsync(asked, "room=lobby&seq=2")).ShouldHaveSingleItem();
        (Text(two, "mid"), Text(two, "address"), two.GetProperty("repeat").GetBoolean()).ShouldBe(("m2", "2001:db8::7", false));
        Text(two, "session").ShouldBe(Text(two, "user"));
        Text((await AskAsync(asked, "room=lobby&seq=3")).ShouldHaveSingleItem(), "address").ShouldBe("203.0.113.7");
        (await AskAsync(asked, "user=" + Uri.EscapeDataString(user))).Select(e => (e.GetProperty("seq").GetInt64(), e.GetProperty("repeat").GetBoolean(), Text(e, "address")))
            .ShouldBe([(1, true, "127.0.0.1"), (1, false, "127.0.0.1")]);
        var first = await asked.DoAsync(HttpMethod.Get, $"audit?user={Uri.EscapeDataString(user)}&limit=1");
        first.GetProperty("more").GetBoolean().ShouldBeTrue();
        (await AskAsync(asked, $"user={Uri.EscapeDataString(user)}&before={first.GetProperty("before").GetInt64()}")).ShouldHaveSingleItem().GetProperty("repeat").GetBoolean().ShouldBeFalse();
        foreach (var bad in new[] { "", "room=lobby", "seq=1", "room=lobby&seq=1&user=ann", "room=a%20b&seq=1", "user=%00", "user=ann&before=x", "room=lobby&seq=0" })
            (await asked.AskAsync(HttpMethod.Get, "audit?" + bad)).Status.ShouldBe(HttpStatusCode.BadRequest, bad);
        later.ShouldBeUnharmed();
    }

    private static async Task<IReadOnlyList<JsonElement>> AskAsync(AdminHttp admin, string query)
        => [.. (await admin.DoAsync(HttpMethod.Get, "audit?" + query)).GetProperty("messages").EnumerateArray()];

    private static string? Text(JsonElement entry, string name) => entry.GetProperty(name).GetString();
}
