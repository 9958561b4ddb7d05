using System.Globalization;
using ClusterChat.Browser.Tests.Kit;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>The node is killed with SIGKILL and comes back on the same port and data; nobody reloads a page.</summary>
public sealed class NodeKilledTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    // The browser's own words about a server that is away; the app cannot keep it from saying them.
    private const string ServerAway = "^console: (WebSocket connection to|Failed to load resource: net::ERR_)";

    [BrowserFact]
    public async Task Pages_that_were_cut_off_resume_without_a_loss_or_a_double()
    {
        var node = await StartNodeAsync();
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: node.Address);
        var bob = await EnterAsync(room, "bob", server: node.Address);
        foreach (var page in new[] { ann, bob })
        {
            page.Troubles.Expect(ServerAway);
            await page.Page.EvaluateAsync("window.__sameDocument = true");
        }

        await ann.SendAsync("before");
        await bob.ExpectTextsAsync("before");

        await node.KillAsync();
        await Expect(ann.Banner).ToBeVisibleAsync();
        await Expect(bob.Banner).ToBeVisibleAsync();
        await Expect(ann.Connection).Not.ToHaveAttributeAsync("data-state", "online");
        await ann.SendAsync("while away 1");
        await ann.SendAsync("while away 2");
        await ann.SendAsync("while away 3");
        await Expect(ann.Undelivered).ToHaveCountAsync(3);
        await bob.ExpectTextsAsync("before");

        await node.StartAgainAsync();
        await ann.ExpectOnlineAsync();
        await bob.ExpectOnlineAsync();
        await Expect(ann.Banner).ToBeHiddenAsync();
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        string[] all = ["before", "while away 1", "while away 2", "while away 3"];
        await ann.ExpectTextsAsync(all);
        await bob.ExpectTextsAsync(all);

        await bob.SendAsync("after");
        await ann.ExpectTextsAsync([.. all, "after"]);
        await Expect(ann.Members).ToHaveTextAsync(["ann", "bob"]);
        (await ann.Page.EvaluateAsync<bool>("window.__sameDocument")).ShouldBeTrue();
        (await bob.Page.EvaluateAsync<bool>("window.__sameDocument")).ShouldBeTrue();
        var late = await EnterAsync(room, "cy", server: node.Address);
        await late.ExpectTextsAsync([.. all, "after"]);
    }

    [BrowserFact]
    public async Task A_page_is_not_left_by_mistake_while_something_is_unsent()
    {
        var node = await StartNodeAsync();
        var ann = await EnterAsync(NewRoom(), "ann", server: node.Address);
        ann.Troubles.Expect(ServerAway);
        ann.Troubles.Expect("^dialog: $");
        await ann.SendAsync("sent");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await node.KillAsync();
        await ann.SendAsync("unsent");
        await Expect(ann.Undelivered).ToHaveCountAsync(1);
        var asked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        ann.Page.Dialog += (_, dialog) => asked.TrySetResult(dialog.Type);
        await ann.Page.CloseAsync(new() { RunBeforeUnload = true });
        (await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System)).ShouldBe("beforeunload");

        await node.StartAgainAsync();
        await ann.ExpectTextsAsync("sent", "unsent");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_node_that_lost_its_disk_is_shown_as_it_is()
    {
        var node = await StartNodeAsync();
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: node.Address);
        ann.Troubles.Expect(ServerAway);
        await ann.SendAsync("gone with the disk");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await node.KillAsync();
        node.LoseData();
        await ann.SendAsync("written meanwhile");
        await node.StartAgainAsync();
        await ann.ExpectTextsAsync("written meanwhile");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await Expect(ann.Members).ToHaveTextAsync(["ann"]);
        await Expect(ann.Page.GetByText($"This is where #{room} begins.")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_kill_in_the_middle_of_a_burst_loses_and_doubles_nothing()
    {
        const int Each = 30;
        var node = await StartNodeAsync();
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: node.Address);
        var bob = await EnterAsync(room, "bob", server: node.Address);
        ann.Troubles.Expect(ServerAway);
        bob.Troubles.Expect(ServerAway);

        var sending = Task.WhenAll(SendAllAsync(ann, "a"), SendAllAsync(bob, "b"));
        await Expect(bob.Texts.Filter(new() { HasText = "a10" })).ToBeVisibleAsync();
        await node.KillAsync();
        await node.StartAgainAsync();
        await sending;

        var seen = await SettleAsync(ann);
        (await SettleAsync(bob)).ShouldBe(seen);
        seen.Where(text => text[0] == 'a').ShouldBe(Numbered("a"));
        seen.Where(text => text[0] == 'b').ShouldBe(Numbered("b"));
        var late = await EnterAsync(room, "cy", server: node.Address);
        await late.ExpectTextsAsync([.. seen.TakeLast(50)]);

        static IEnumerable<string> Numbered(string who)
            => Enumerable.Range(0, Each).Select(i => string.Create(CultureInfo.InvariantCulture, $"{who}{i}"));

        static async Task SendAllAsync(ChatPage page, string who)
        {
            foreach (var text in Numbered(who))
            {
                await page.SendAsync(text);
            }
        }

        static async Task<IReadOnlyList<string>> SettleAsync(ChatPage page)
        {
            await Expect(page.Messages).ToHaveCountAsync(2 * Each);
            await Expect(page.Undelivered).ToHaveCountAsync(0);
            return await page.Texts.AllTextContentsAsync();
        }
    }
}
