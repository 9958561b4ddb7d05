using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Who wrote what is told by an identity, of which a name is only the label.</summary>
[Collection(SharedNode.Collection)]
public sealed class IdentityTests(SharedNode shared)
{
    [Fact]
    public async Task What_one_writes_bears_the_identity_of_ones_welcome_by_every_door_and_names_come_and_go()
    {
        var room = "identity-" + Guid.NewGuid().ToString("N");
        await using var reader = await ChatClient.ConnectAsync(shared.Port, "reader");
        await reader.JoinAsync(room);
        await using var sse = await SseClient.OpenAsync(shared.Port, room);
        string session, uid;
        await using (var ann = await ChatClient.ConnectAsync(shared.Port, "ann"))
        {
            (session, uid) = (ann.Session, ann.Uid);
            await ann.JoinAsync(room);
            await ann.SendAckedAsync(room, "m1", "by WebSocket");
            await ann.WriteAsync($$"""{"t":"typing","room":"{{room}}"}""");
            (await reader.WaitForAsync(l => Is(l, "typing"), "typing")).GetProperty("uid").GetString().ShouldBe(uid);

            // Or its name would be held for it.
            await LeaveAsync(ann, room);
        }

        uid.ShouldStartWith("g:");
        await using var renamed = await ChatClient.ConnectAsync(shared.Port, "anna", session);
        renamed.Uid.ShouldBe(uid, "the same guest under another name");
        await renamed.JoinAsync(room);
        await renamed.SendAckedAsync(room, "m2", "under another name");
        using var http = RoomHttp.Client(shared.Port);
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri($"api/rooms/{room}/messages", UriKind.Relative))
        {
            Content = JsonContent.Create(new { text = "by HTTP", mid = "m3" }),
            Headers = { { "X-Guest-Name", "anna" }, { "X-Guest-Session", session } },
        };
        using (var posted = await http.SendAsync(post))
        {
            posted.IsSuccessStatusCode.ShouldBeTrue(await posted.Content.ReadAsStringAsync());
            Uri.UnescapeDataString(posted.Headers.GetValues("X-User-Id").Single()).ShouldBe(uid);
        }

        // Another one takes the first name, which is nobody's now.
        await LeaveAsync(renamed, room);
        await using var other = await ChatClient.ConnectAsync(shared.Port, "ann");
        await other.JoinAsync(room);
        await other.SendAckedAsync(room, "m1", "not the first ann");
        other.Uid.ShouldNotBe(uid);

        (string, string)[] wanted = [("ann", uid), ("anna", uid), ("anna", uid), ("ann", other.Uid)];
        await reader.WaitForSeqAsync(room, 4);
        reader.Lines.Where(l => Is(l, "msg")).Select(Author).ShouldBe(wanted);
        var page = await http.GetFromJsonAsync<JsonElement>(new Uri($"api/rooms/{room}/messages?limit=10", UriKind.Relative));
        page.GetProperty("msgs").EnumerateArray().Select(Author).ShouldBe(wanted);
        foreach (var author in wanted)
            Author(JsonDocument.Parse((await sse.NextLoggedAsync()).Data).RootElement).ShouldBe(author);
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task An_identity_that_somebody_else_saw_opens_nothing()
    {
        var room = "identity-" + Guid.NewGuid().ToString("N");
        await using var ann = await ChatClient.ConnectAsync(shared.Port, "ann");
        await ann.JoinAsync(room);
        await ann.SendAckedAsync(room, "m1", "mine");
        foreach (var (name, shown) in new[] { ("eve", ann.Uid), ("mallory", ann.Uid[2..]) })
        {
            await using var eve = await ChatClient.ConnectAsync(shared.Port, name, shown);
            eve.Uid.ShouldNotBe(ann.Uid);
            await eve.JoinAsync(room);
            (await eve.SendAckedAsync(room, "m1", "not hers")).GetProperty("dup").GetBoolean().ShouldBeFalse();
        }

        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task What_was_written_before_there_were_identities_is_read_and_is_nobodys()
    {
        // Three messages of a guest "ann" in "lobby", written by the version before: commit 6fdcbef.
        using var data = new DataFolder();
        await using (var packed = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Older", "journal-without-uid.db.gz")))
        await using (var unpacked = new GZipStream(packed, CompressionMode.Decompress))
        await using (var journal = File.Create(Path.Combine(data.Path, "journal.db")))
            await unpacked.CopyToAsync(journal);
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path));

        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        var page = await ann.JoinAsync("lobby");
        page.GetProperty("msgs").EnumerateArray().Select(m => (m.GetProperty("text").GetString(), m.TryGetProperty("uid", out _)))
            .ShouldBe([("old 1", false), ("old 2", false), ("old 3", false)]);
        (await ann.SendAckedAsync("lobby", "m1", "new")).GetProperty("seq").GetInt64().ShouldBe(4, "another guest's \"m1\" was the first one");
        await ann.WaitForSeqAsync("lobby", 4);
        Author(ann.Lines.Single(l => Is(l, "msg"))).ShouldBe(("ann", ann.Uid));
        node.ShouldBeUnharmed();
    }

    private static async Task LeaveAsync(ChatClient client, string room)
        => Is(await client.AskAsync(new JsonObject { ["t"] = "leave", ["room"] = room }), "left").ShouldBeTrue();

    private static bool Is(JsonElement line, string type) => line.GetProperty("t").GetString() == type;

    private static (string From, string Uid) Author(JsonElement line) => (line.GetProperty("from").GetString()!, line.GetProperty("uid").GetString()!);
}
