using ClusterChat.Browser.Tests.Kit;
using ClusterChat.Cluster.Tests.Harness;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>Two windows at two nodes of <c>up --nodes 3</c>, each of which is killed (SIGKILL) in its turn; nobody reloads a page.</summary>
public sealed class ClusterKilledTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const int SigKill = 9;

    // The browser's own words about a node that is away; the app cannot keep it from saying them.
    private const string NodeAway = "^console: (WebSocket connection to|Failed to load resource: net::ERR_)";

    [BrowserFact]
    public async Task Two_windows_chat_on_while_each_node_is_killed_in_turn()
    {
        var data = Directory.CreateTempSubdirectory("clusterchat-browser-");
        var up = Keep(await UpProcess.StartAsync(3, data.FullName));
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: new Uri($"http://127.0.0.1:{up.FirstPort}/"));
        var bob = await EnterAsync(room, "bob", server: new Uri($"http://127.0.0.1:{up.FirstPort + 1}/"));
        ann.Troubles.Expect(NodeAway);
        bob.Troubles.Expect(NodeAway);
        List<string> said = [];
        await SayAsync(ann, "before");

        var (number, line) = (0, 0);
        foreach (var node in up.Nodes())
        {
            number++;
            UpProcess.Signal(node, SigKill);
            await SayAsync(ann, $"ann after kill {number}");
            await SayAsync(bob, $"bob after kill {number}");

            // One at a time: the next one goes when this one is back.
            line = await up.WaitForAsync("has ended with 137 and starts again", line);
            line = await up.WaitForAsync($"n{number} up", await up.WaitForAsync($"n{number} ", line));
        }

        await Expect(ann.Members).ToHaveTextAsync(["ann", "bob"]);
        await Expect(bob.Members).ToHaveTextAsync(["bob", "ann"]);
        data.Delete(recursive: true);

        async Task SayAsync(ChatPage who, string text)
        {
            await who.SendAsync(text);
            said.Add(text);
            await ann.ExpectTextsAsync([.. said]);
            await bob.ExpectTextsAsync([.. said]);
            await Expect(who.Undelivered).ToHaveCountAsync(0);
        }
    }
}
