using System.Text.Json;
using ClusterChat.Browser.Tests.Kit;

namespace ClusterChat.Browser.Tests;

/// <summary>The client library by itself, in a page that has no app running.</summary>
public sealed class LibraryTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task A_flood_is_slowed_down_by_the_limits_and_arrives_whole_and_in_order()
    {
        var node = await StartNodeAsync(limited: true);
        var page = await NewPageAsync(server: node.Address);
        await page.Page.GotoAsync(node.Address.ToString());
        var seen = await page.Page.EvaluateAsync<string[]>(
            """
            async (room) => {
              const { ChatClient } = await import('/client/clusterchat.js');
              const chat = new ChatClient({ name: 'flood' });
              const seen = [];
              const joined = await chat.join(room);
              joined.on('message', ({ text }) => seen.push(text));
              const acks = await Promise.all(Array.from({ length: 140 }, (_, i) => joined.send(`m${i}`)));
              if (acks.some((ack, i) => i > 0 && ack.seq !== acks[i - 1].seq + 1)) throw new Error('the order of the acks');
              while (seen.length < 140) await new Promise((done) => joined.on('message', done));
              chat.close();
              return seen;
            }
            """,
            NewRoom());
        seen.ShouldBe(Enumerable.Range(0, 140).Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"m{i}")));
    }

    [BrowserTheory]
    [InlineData("websocket")]
    [InlineData("http")]
    public async Task It_does_over_either_transport_what_it_promises(string transport)
    {
        var room = NewRoom();
        await using var bob = await JsonListener.EnterAsync(Server.Address, room, "Боб");
        await bob.SendAsync("one");
        await bob.ExpectAsync("Боб: one");
        var page = await NewPageAsync();
        await page.Page.GotoAsync(Server.Address.ToString());
        if (transport == "http")
        {
            // What is refused, the browser reports by itself.
            page.Troubles.Expect("^console: Failed to load resource: the server responded with a status of 4");
        }

        var told = JsonSerializer.Deserialize<JsonElement>(await page.Page.EvaluateAsync<string>(
            """
            async ([name, transport]) => {
              const { ChatClient } = await import('/client/clusterchat.js');
              const chat = new ChatClient({ name: 'Зоя', transport });
              const room = await chat.join(name, { limit: 0 });
              const first = room.page.msgs.length;
              const ack = await room.send('two', { reply: 1, data: { 'ключ': [1, { deep: true }] } });
              const again = await room.send('other words', { mid: ack.mid });
              const history = await room.history();
              const members = await room.fetchMembers();
              const { rooms } = await chat.rooms({ prefix: name });
              const refused = await room.edit(ack.seq, 'no').then(() => 'done', (error) => error.code);
              const tooLong = await room.send('x'.repeat(chat.max + 1)).then(() => 'done', (error) => error.code);
              const unsent = await chat.join('not a room').then(() => 'done', (error) => error.code);
              const roundTrip = await chat.ping();
              const session = chat.session;
              room.leave();
              chat.close();
              return JSON.stringify({ first, dup: again.dup && again.seq === ack.seq, history: history.msgs.map((m) => m.text), more: history.more, last: history.msgs.at(-1),
                members: members.members, room: rooms[0]?.room, count: members.count, refused, tooLong, unsent, roundTrip, session: typeof session });
            }
            """,
            new[] { room, transport }));
        told.GetProperty("first").GetInt32().ShouldBe(0);
        told.GetProperty("dup").GetBoolean().ShouldBeTrue();
        told.GetProperty("history").ToString().ShouldBe("""["one","two"]""");
        told.GetProperty("more").GetBoolean().ShouldBeFalse();
        told.GetProperty("last").GetProperty("reply").GetInt32().ShouldBe(1);
        told.GetProperty("last").GetProperty("data").GetProperty("ключ").ToString().ShouldBe("""[1,{"deep":true}]""");
        told.GetProperty("members").EnumerateArray().Select(name => name.GetString()).ShouldBe(["Боб", "Зоя"], ignoreOrder: true);
        told.GetProperty("room").GetString().ShouldBe(room);
        told.GetProperty("refused").GetString().ShouldBe(transport == "http" ? "unsupported" : "unknown_type");
        told.GetProperty("tooLong").GetString().ShouldBe("too_long");
        told.GetProperty("unsent").GetString().ShouldBe("bad_room");
        told.GetProperty("session").GetString().ShouldBe("string");
        await bob.ExpectAsync("Зоя: two");
    }
}
