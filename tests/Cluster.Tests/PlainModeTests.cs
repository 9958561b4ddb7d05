using System.Net.Http.Json;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Bare WebSockets, JSON clients, Server-Sent Events and long polling in one room.</summary>
[Collection(SharedNode.Collection)]
public sealed class PlainModeTests(SharedNode shared)
{
    [Fact]
    public async Task Every_kind_of_client_hears_every_other_in_one_order()
    {
        var room = Room();
        using var http = RoomHttp.Client(shared.Port);
        await using var json = await ChatClient.ConnectAsync(shared.Port, "json");
        var log = (await json.JoinAsync(room)).GetProperty("log").GetString();
        await using var sse = await SseClient.OpenAsync(shared.Port, room);
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/?room={room}&name=bob");
        await using var other = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={room}&name=bob");

        // Each send is awaited by all before the next: it is their common order that is looked at.
        await json.SendAckedAsync(room, "j1", "from json\nin two lines");
        await EverybodyHearsAsync(1, "json", "from json\nin two lines");
        await plain.SendTextAsync("from plain {\"t\":\"no json\"}");
        await EverybodyHearsAsync(2, "bob", "from plain {\"t\":\"no json\"}");
        await other.SendTextAsync("from the other");
        await EverybodyHearsAsync(3, "bob-2", "from the other");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"api/rooms/{room}/messages", UriKind.Relative))
        {
            Content = JsonContent.Create(new { text = "from http 👍", mid = "h1" }),
            Headers = { { "X-Guest-Name", "J%C3%BCrgen" } },
        };
        using (var posted = await http.SendAsync(request))
        {
            posted.IsSuccessStatusCode.ShouldBeTrue(await posted.Content.ReadAsStringAsync());
            posted.Headers.GetValues("X-Guest-Session").ShouldHaveSingleItem();
            (await posted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("seq").GetInt64().ShouldBe(4);
        }

        await EverybodyHearsAsync(4, "Jürgen", "from http 👍");
        json.Trace(room).Violations.ShouldBeEmpty();
        await shared.ShouldBeUnharmedAsync();

        async Task EverybodyHearsAsync(long seq, string from, string text)
        {
            var line = $"{from}: {text.Replace('\n', ' ')}";
            (await plain.ReadTextAsync()).ShouldBe(line);
            (await other.ReadTextAsync()).ShouldBe(line);
            await json.WaitForSeqAsync(room, seq);
            ShouldBeIt(json.Trace(room).Events[^1]);
            var streamed = await sse.NextLoggedAsync();
            streamed.Id.ShouldBe($"{log}/{seq}");
            using var document = JsonDocument.Parse(streamed.Data);
            ShouldBeIt(document.RootElement);
            var polled = await http.GetJsonAsync($"api/rooms/{room}/messages?after={log}/{seq - 1}&wait=20");
            ShouldBeIt(polled.GetProperty("msgs").EnumerateArray().ShouldHaveSingleItem());

            void ShouldBeIt(JsonElement e)
                => (e.GetProperty("seq").GetInt64(), e.GetProperty("from").GetString(), e.GetProperty("text").GetString()).ShouldBe((seq, from, text));
        }
    }

    [Fact]
    public async Task A_held_poll_is_answered_by_the_next_message_and_by_nothing_when_its_time_is_over()
    {
        var room = Room();
        using var http = RoomHttp.Client(shared.Port);
        await using var json = await ChatClient.ConnectAsync(shared.Port, "json");
        var joined = await json.JoinAsync(room);
        var log = joined.GetProperty("log").GetString();

        var empty = await http.GetJsonAsync($"api/rooms/{room}/messages?after={log}/0&wait=1");
        empty.GetProperty("msgs").GetArrayLength().ShouldBe(0);
        var held = http.GetJsonAsync($"api/rooms/{room}/messages?after={log}/0&wait=25");
        await json.SendAckedAsync(room, "m1", "x");

        var answer = await held.Within("the answer to a long poll", TimeSpan.FromSeconds(20));
        answer.GetProperty("msgs").EnumerateArray().ShouldHaveSingleItem().GetProperty("mid").GetString().ShouldBe("m1");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_bare_socket_is_joined_at_once_and_gets_the_newest_ten()
    {
        var room = Room();
        await using var json = await ChatClient.ConnectAsync(shared.Port, "json");
        await json.JoinAsync(room);
        for (var i = 1; i <= 12; i++)
            await json.SendAckedAsync(room, $"m{i}", $"text {i}");

        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={room}");

        for (var i = 3; i <= 12; i++)
            (await plain.ReadTextAsync()).ShouldBe($"json: text {i}");
        await plain.SendTextAsync("hello");
        (await plain.ReadTextAsync()).ShouldMatch("^guest-[0-9]+: hello$");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task Without_anything_said_it_is_the_lobby()
    {
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, "/");
        var mark = Guid.NewGuid().ToString("N");

        await plain.SendTextAsync(mark);

        var heard = await shared.Bystander.Client.WaitForAsync(
            l => l.TryGetProperty("text", out var text) && text.GetString() == mark, "the message in the lobby");
        heard.GetProperty("room").GetString().ShouldBe("lobby");
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("16,385 bytes")]
    public async Task A_refusal_arrives_with_an_asterisk_and_the_connection_goes_on(string text)
    {
        var room = Room();
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={room}&name=bob");

        await plain.SendTextAsync(text == "16,385 bytes" ? new string('x', 16_385) : text);

        (await plain.ReadTextAsync()).ShouldStartWith("* ");
        await plain.SendTextAsync("better");
        (await plain.ReadTextAsync()).ShouldBe("bob: better");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_bad_name_is_replaced_and_said_so_and_a_bad_room_is_refused()
    {
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={Room()}&name=a%07b");
        (await plain.ReadTextAsync()).ShouldStartWith("* ");
        await plain.SendTextAsync("x");
        (await plain.ReadTextAsync()).ShouldMatch("^guest-[0-9]+: x$");

        await using var refused = await WebSocketWire.TryConnectAsync(shared.Port, "/plain?room=a%20b");
        refused.Status.ShouldBe(400);
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("ann: I owe you", "100 euros", "\"ann: I owe you\": 100 euros")]
    [InlineData("* The server", "stops now", "\"* The server\": stops now")]
    [InlineData("eve", "\u001b]0;title\u0007\u001b[1Aann: 100 euros", "eve: �]0;title��[1Aann: 100 euros")]
    public async Task Nobody_speaks_for_another_or_the_server_or_to_the_terminal(string name, string text, string shown)
    {
        var room = Room();
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={room}");
        await using var json = await ChatClient.ConnectAsync(shared.Port, name);
        await json.JoinAsync(room);
        await json.SendAckedAsync(room, "m1", text);
        (await plain.ReadTextAsync()).ShouldBe(shown);
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData(WireFrame.Binary, "x")]
    [InlineData(WireFrame.TextFrame, "\u00ff")]
    public async Task Binary_and_bad_text_close_with_3501(byte opcode, string latin1)
    {
        await using var plain = await WebSocketWire.ConnectAsync(shared.Port, $"/plain?room={Room()}");

        await plain.SendRawAsync(WebSocketWire.Frame(opcode, System.Text.Encoding.Latin1.GetBytes(latin1)));

        (await plain.ReadCloseAsync()).ShouldBe(3501);
        await shared.ShouldBeUnharmedAsync();
    }

    private static string Room() => "plain-" + Guid.NewGuid().ToString("N");
}
