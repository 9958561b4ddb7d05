using System.Globalization;
using System.Text.Json;
using ClusterChat.Browser.Tests.Kit;
using ClusterChat.TestKit.Identity;

namespace ClusterChat.Browser.Tests;

/// <summary>The client library at a node that asks for tokens.</summary>
public sealed class TokenTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserTheory]
    [InlineData("websocket")]
    [InlineData("http")]
    public async Task A_token_that_runs_out_is_replaced_and_no_message_is_lost_doubled_or_out_of_order(string transport)
    {
        var node = await StartNodeAsync(settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Auth__Mode"] = "jwt",
            ["Auth__Jwt__Secret"] = TestTokens.Secret,
            ["Auth__Jwt__ClockSkew"] = "00:00:01",
        });
        var page = await NewPageAsync(server: node.Address);
        await page.Page.GotoAsync(node.Address.ToString());

        // Now that the page is there: the first one has to be good when it is shown.
        string[] tokens = [Token(TimeSpan.FromSeconds(2)), Token(TimeSpan.FromHours(1))];

        // What is refused, the browser reports by itself.
        page.Troubles.Expect("^console: Failed to load resource: the server responded with a status of 401");
        var told = JsonSerializer.Deserialize<JsonElement>(await page.Page.EvaluateAsync<string>(
            """
            async ([transport, name, ...tokens]) => {
              const { ChatClient } = await import('/client/clusterchat.js');
              const asked = [];
              const chat = new ChatClient({ transport, token: async (why) => { asked.push(why.refused); return tokens[Math.min(asked.length, tokens.length) - 1]; } });
              const codes = [];
              let online = 0;
              chat.on('state', ({ state, code }) => { if (state === 'online') online++; if (state === 'offline') codes.push(code); });
              const room = await chat.join(name);
              const seen = [];
              const resets = [];
              room.on('message', ({ text }) => seen.push(text));
              room.on('reset', (reset) => resets.push(reset.seq));
              const acks = [];
              let sent = 0;
              for (let after = 0; after < 10;) {
                acks.push(room.send(`m${sent++}`));
                await new Promise(requestAnimationFrame);
                if (online > 1) after++;
              }
              await Promise.all(acks);
              while (seen.length < sent) await new Promise((done) => room.on('message', done));
              chat.close();
              return JSON.stringify({ sent, seen, codes, asked, resets });
            }
            """,
            new[] { transport, NewRoom() }.Concat(tokens)));

        told.GetProperty("codes").EnumerateArray().Select(c => c.GetInt32()).ShouldBe([3500]);
        told.GetProperty("asked").EnumerateArray().Select(a => a.GetBoolean()).ShouldBe([false, true]);
        told.GetProperty("resets").GetArrayLength().ShouldBe(0);
        var sent = told.GetProperty("sent").GetInt32();
        sent.ShouldBeGreaterThan(10);
        told.GetProperty("seen").EnumerateArray().Select(t => t.GetString())
            .ShouldBe(Enumerable.Range(0, sent).Select(i => string.Create(CultureInfo.InvariantCulture, $"m{i}")));
    }

    private static string Token(TimeSpan life) => TestTokens.Hs256(TestTokens.Claims("ann", DateTimeOffset.UtcNow + life));
}
