using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A guest's session makes it the same guest again; one that the cluster did not sign makes it nobody.</summary>
[Collection(SharedNode.Collection)]
public sealed class SessionTests(SharedNode shared)
{
    public static TheoryData<string> Forgeries =>
    [
        "",
        "x",
        "not base64url!",
        "====",
        "\\u00e9\\u8a9e",
        new string('A', 43),
        new string('A', 42),
        new string('A', 44),
        new string('A', 47),
        new string('A', 48),
        new string('A', 49),
        new string('A', 64),
        new string('A', 65),
        new string('A', 5000),
        "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-",
        " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA\\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_session_is_ignored_and_a_new_one_given(string session)
    {
        await using var wire = await WebSocketWire.ConnectAsync(shared.Port);

        await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"forger","session":"{{session}}"}""");

        var welcome = JsonNode.Parse(await wire.ReadTextAsync())!;
        ((string?)welcome["t"]).ShouldBe("welcome", welcome.ToJsonString());
        ((string?)welcome["session"]).ShouldNotBeNullOrEmpty();
        ((string?)welcome["session"]).ShouldNotBe(session);
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_session_that_was_not_shown_for_its_age_makes_a_new_guest()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Auth:GuestSessionAge", "00:00:01"));
        string session;
        await using (var ann = await ChatClient.ConnectAsync(node.Port, "ann"))
            session = ann.Session;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        for (var again = session; again == session; await poll.WaitForNextTickAsync())
        {
            await using var back = await ChatClient.ConnectAsync(node.Port, "ann", session);
            again = back.Session;
        }

        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Only_the_session_itself_makes_a_guest_the_same_again()
    {
        var room = "session-" + Guid.NewGuid().ToString("N");
        await using var ann = await ChatClient.ConnectAsync(shared.Port, "ann");
        await ann.JoinAsync(room);
        var first = await ann.SendAckedAsync(room, "m1", "mine");

        // Another tab: the same guest, under the same name, and its mid is known.
        await using var tab = await ChatClient.ConnectAsync(shared.Port, "ann", ann.Session);
        tab.Session.ShouldBe(ann.Session);
        var joined = await tab.JoinAsync(room);
        joined.GetProperty("count").GetInt32().ShouldBe(1);
        var repeat = await tab.SendAckedAsync(room, "m1", "mine, with another text");
        repeat.GetProperty("dup").GetBoolean().ShouldBeTrue();
        repeat.GetProperty("seq").GetInt64().ShouldBe(first.GetProperty("seq").GetInt64());

        // One character of the signature changed.
        var last = ann.Session[^2] == 'A' ? 'B' : 'A';
        await using var forger = await ChatClient.ConnectAsync(shared.Port, "ann", ann.Session[..^2] + last + ann.Session[^1]);
        forger.Session.ShouldNotBe(ann.Session);
        var refused = await forger.AskAsync(new JsonObject { ["t"] = "join", ["room"] = room });
        refused.GetProperty("code").GetString().ShouldBe("name_taken", refused.ToString());

        // Under another name it gets in; the mid is its own there.
        await using var other = await ChatClient.ConnectAsync(shared.Port, "ann2", ann.Session[..^2] + last + ann.Session[^1]);
        await other.JoinAsync(room);
        (await other.SendAckedAsync(room, "m1", "not yours")).GetProperty("dup").GetBoolean().ShouldBeFalse();
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_name_whose_line_broke_is_held_for_its_session_and_who_leaves_gives_it_up()
    {
        var room = "held-" + Guid.NewGuid().ToString("N");
        await using var watcher = await ChatClient.ConnectAsync(shared.Port, "watcher");
        await watcher.JoinAsync(room);
        string session;
        JsonElement page;
        await using (var ann = await ChatClient.ConnectAsync(shared.Port, "ann"))
        {
            session = ann.Session;
            page = await ann.JoinAsync(room);
        }

        await watcher.WaitForAsync(l => Changed(l, "leave"), "the broken line");
        await using var waiting = await ChatClient.ConnectAsync(shared.Port, "Ann");
        var refused = await waiting.AskAsync(new JsonObject { ["t"] = "join", ["room"] = room });
        refused.GetProperty("code").GetString().ShouldBe("name_taken", refused.ToString());
        refused.GetProperty("temporary").GetBoolean().ShouldBeFalse("somebody new is to take another name");

        // Somebody who comes back to a name that is another's by now is to try again.
        var since = new JsonObject { ["log"] = page.GetProperty("log").GetString(), ["seq"] = 0 };
        refused = await waiting.AskAsync(new JsonObject { ["t"] = "join", ["room"] = room, ["since"] = since });
        refused.GetProperty("temporary").GetBoolean().ShouldBeTrue(refused.ToString());
        refused.GetProperty("retryMs").GetInt32().ShouldBeInRange(1, 5000);
        (await watcher.AskAsync(new JsonObject { ["t"] = "members", ["room"] = room })).GetProperty("count").GetInt32().ShouldBe(1);

        await using var back = await ChatClient.ConnectAsync(shared.Port, "ann", session);
        (await back.JoinAsync(room)).GetProperty("count").GetInt32().ShouldBe(2);
        (await back.AskAsync(new JsonObject { ["t"] = "leave", ["room"] = room })).GetProperty("t").GetString().ShouldBe("left");
        (await waiting.JoinAsync(room)).GetProperty("count").GetInt32().ShouldBe(2);
        await shared.ShouldBeUnharmedAsync();

        static bool Changed(JsonElement line, string how) => line.GetProperty("t").GetString() == "presence"
            && line.TryGetProperty(how, out var names) && names.EnumerateArray().Any(n => n.GetString() == "ann");
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    [InlineData(4000, true)]
    public async Task How_a_client_closes_says_whether_its_name_is_held(int code, bool isHeld)
    {
        var room = "closed-" + Guid.NewGuid().ToString("N");
        await using var watcher = await ChatClient.ConnectAsync(shared.Port, "watcher");
        await watcher.JoinAsync(room);
        await using (var ann = await shared.HelloRawAsync("ann"))
        {
            await ann.SendTextAsync($$"""{"id":2,"t":"join","room":"{{room}}"}""");
            (await ann.ReadTextAsync()).ShouldContain("joined");
            await ann.SendCloseAsync((ushort)code);
            (await ann.ReadCloseAsync()).ShouldBe(code);
        }

        await watcher.WaitForAsync(l => l.GetProperty("t").GetString() == "presence" && l.GetProperty("leave").GetArrayLength() == 1, "the end");
        await using var other = await ChatClient.ConnectAsync(shared.Port, "ann");
        var answer = await other.AskAsync(new JsonObject { ["t"] = "join", ["room"] = room });
        answer.GetProperty("t").GetString().ShouldBe(isHeld ? "error" : "joined", answer.ToString());
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_session_of_another_cluster_is_nobodys()
    {
        using var data = new DataFolder();
        await using var elsewhere = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path));
        await using var there = await ChatClient.ConnectAsync(elsewhere.Port, "eve");
        await using var known = await ChatClient.ConnectAsync(shared.Port, "eve");
        var room = "foreign-" + Guid.NewGuid().ToString("N");
        await known.JoinAsync(room);

        await using var eve = await ChatClient.ConnectAsync(shared.Port, "eve", there.Session);

        eve.Session.ShouldNotBe(there.Session);
        var refused = await eve.AskAsync(new JsonObject { ["t"] = "join", ["room"] = room });
        refused.GetProperty("code").GetString().ShouldBe("name_taken", refused.ToString());
        elsewhere.ShouldBeUnharmed();
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("future")]
    [InlineData("other log")]
    [InlineData("far future")]
    public async Task A_since_that_the_room_cannot_serve_gets_the_newest_page_and_says_so(string kind)
    {
        var room = "since-" + Guid.NewGuid().ToString("N");
        await using var writer = await ChatClient.ConnectAsync(shared.Port, "writer");
        var log = (await writer.JoinAsync(room)).GetProperty("log").GetString()!;
        for (var i = 1; i <= 3; i++)
            await writer.SendAckedAsync(room, $"m{i}", "x");
        var since = kind switch
        {
            "future" => (log, 4L),
            "far future" => (log, 9007199254740991),
            _ => ("another", 2L),
        };
        await using var client = await ChatClient.ConnectAsync(shared.Port, "traveller");

        var joined = await client.JoinAsync(room, since: since);

        joined.GetProperty("recovered").GetBoolean().ShouldBeFalse();
        joined.GetProperty("more").GetBoolean().ShouldBeFalse();
        joined.GetProperty("log").GetString().ShouldBe(log);
        joined.GetProperty("seq").GetInt64().ShouldBe(3);
        joined.GetProperty("msgs").EnumerateArray().Select(m => m.GetProperty("seq").GetInt64()).ShouldBe([1L, 2L, 3L]);

        // And it is in the room: what comes next, comes live.
        await writer.SendAckedAsync(room, "m4", "x");
        await client.WaitForAsync(l => l.TryGetProperty("mid", out var mid) && mid.GetString() == "m4", "the next message");
        await shared.ShouldBeUnharmedAsync();
    }
}
