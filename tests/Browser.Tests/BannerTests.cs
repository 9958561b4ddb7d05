using System.Text.RegularExpressions;
using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>What a page says about its connection.</summary>
public sealed class BannerTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const string ServerAway = "^console: (WebSocket connection to|Failed to load resource: net::ERR_)";

    [BrowserFact]
    public async Task The_banner_counts_down_and_can_be_told_to_try_now()
    {
        var node = await StartNodeAsync();
        var ann = await NewPageAsync(server: node.Address);
        ann.Troubles.Expect(ServerAway);
        await ann.Page.Clock.InstallAsync();
        await ann.EnterAsync(node.Address, NewRoom(), "ann");
        await Expect(ann.Banner).ToBeHiddenAsync();
        await node.KillAsync();
        await Expect(ann.Banner).ToHaveTextAsync(new Regex("^Connection lost. Trying again(…| in \\d+ s)Try now$"));
        await Expect(ann.Connection).ToHaveAttributeAsync("title", new Regex("Not connected|Connecting…"));

        // The page's time stands still from here on: it does not try again by itself.
        await ann.Page.Clock.PauseAtAsync(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));
        await node.StartAgainAsync();
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await Expect(ann.Banner).ToBeHiddenAsync();
        await Expect(ann.Connection).ToHaveAttributeAsync("title", "Connected");
    }

    [BrowserFact]
    public async Task A_node_that_is_stopped_and_started_again_is_hardly_noticed()
    {
        var node = await StartNodeAsync();
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: node.Address);
        ann.Troubles.Expect(ServerAway);
        await ann.SendAsync("before");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await node.StopAsync();
        await ann.SendAsync("while away");
        await node.StartAgainAsync();
        await ann.ExpectTextsAsync("before", "while away");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await Expect(ann.Banner).ToBeHiddenAsync();
    }
}
