using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node as a process, and clients that ask for any number of rooms.</summary>
public sealed class RoomFloodTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Who_looks_at_rooms_leaves_nothing_in_the_database_and_the_rooms_go_by_themselves()
    {
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(_data.Path));
        using var http = RoomHttp.Client(node.Port);
        for (var i = 0; i < 40; i++)
        {
            (await http.GetJsonAsync($"api/rooms/looked-at-{i}/messages")).GetProperty("msgs").GetArrayLength().ShouldBe(0);
            (await http.GetJsonAsync($"api/rooms/looked-at-{i}/members")).GetProperty("count").GetInt32().ShouldBe(0);
        }

        await using (var ann = await ChatClient.ConnectAsync(node.Port, "ann"))
        {
            for (var i = 0; i < 40; i++)
                await ann.JoinAsync($"joined-{i}");
            await ann.SendAckedAsync("joined-7", "m1", "the first one");
            (await Active(http)).ShouldBeGreaterThan(39);
        }

        // The one with a message stays for its time without members.
        while (await Active(http) > 1)
            await Task.Yield();
        (await http.GetJsonAsync("api/rooms")).GetProperty("rooms").EnumerateArray().Select(r => r.GetProperty("room").GetString()).ShouldBe(["joined-7"]);
        node.Terminate();
        (await node.ExitAsync()).ShouldBe(0);

        await using var journal = new SqliteConnection($"Data Source={Path.Combine(_data.Path, "journal.db")};Mode=ReadOnly;Pooling=False");
        await journal.OpenAsync();
        await using var names = journal.CreateCommand();
        names.CommandText = "SELECT group_concat(name) FROM room";
        (await names.ExecuteScalarAsync()).ShouldBe("joined-7");
    }

    [Fact]
    public async Task Too_many_new_rooms_from_one_address_are_refused_and_others_open_theirs()
    {
        await using var node = await StartAsync(
            ("Proxy:Networks:0", "127.0.0.1/32"), ("Limits:NewRoomBurstPerAddress", "20"), ("Limits:NewRoomsPerSecondPerAddress", "0.1"));
        await using var lobby = await ChatClient.ConnectAsync(node.Port, "ann");
        await lobby.JoinAsync("lobby");
        using var flood = RoomHttp.Client(node.Port);
        flood.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var refused = 0;
        for (var i = 0; i < 40; i++)
        {
            using var answer = await flood.GetAsync(new Uri($"api/rooms/flood-{i}/messages", UriKind.Relative));
            answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.TooManyRequests);
            if (answer.StatusCode == HttpStatusCode.OK)
                continue;
            refused++;
            answer.Headers.RetryAfter.ShouldNotBeNull();
            (await answer.Content.ReadAsStringAsync()).ShouldContain("\"rate_limited\"");
        }

        refused.ShouldBeInRange(15, 20);
        (await flood.GetJsonAsync("api/rooms/lobby/messages")).GetProperty("msgs").GetArrayLength().ShouldBe(0, "a room that is followed costs nothing");
        await using var bob = await ChatClient.ConnectAsync(node.Port, "bob");
        await bob.JoinAsync("bobs-own");
        await bob.SendAckedAsync("bobs-own", "m1", "hi");
        using var http = RoomHttp.Client(node.Port);
        (await http.GetStringAsync(new Uri("metrics", UriKind.Relative))).ShouldContain(
            string.Create(CultureInfo.InvariantCulture, $"clusterchat_subscriptions_refused_total{{reason=\"rate\"}} {refused}"));
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_node_with_all_the_rooms_that_it_may_have_says_busy_and_takes_others_when_some_have_gone()
    {
        await using var node = await StartAsync(("Rooms:MaxActive", "4"), ("Limits:MaxSubscriptions", "0"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        for (var i = 0; i < 4; i++)
            await ann.JoinAsync($"r{i}");
        var late = await ann.AskAsync(Join("late"));
        late.GetProperty("code").GetString().ShouldBe("busy");
        late.GetProperty("retryMs").GetInt32().ShouldBeGreaterThan(0);
        await ann.SendAckedAsync("r0", "m1", "those that are there go on");

        await ann.AskAsync(new JsonObject { ["t"] = "leave", ["room"] = "r3" });
        while ((await ann.AskAsync(Join("late"))).GetProperty("t").GetString() != "joined")
            await Task.Yield();
        await ann.SendAckedAsync("late", "m1", "there is room again");
        node.ShouldBeUnharmed();
    }

    private static JsonObject Join(string room) => new() { ["t"] = "join", ["room"] = room };

    private static async Task<int> Active(HttpClient http) => (await http.GetJsonAsync("cluster")).GetProperty("nodes")[0].GetProperty("active").GetInt32();

    private Task<NodeProcess> StartAsync(params (string Key, string Value)[] settings)
        => NodeProcess.StartAsync(settings.Aggregate(NodeOptions.Unlimited(_data.Path), (o, s) => o.With(s.Key, s.Value)));
}
