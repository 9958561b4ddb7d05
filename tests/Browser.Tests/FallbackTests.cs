using ClusterChat.Browser.Tests.Kit;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>Behind something that lets HTTP through and WebSockets not.</summary>
public sealed class FallbackTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const string Refused = "^console: (WebSocket connection to|Failed to load resource: net::ERR_)";

    [BrowserFact]
    public async Task Without_WebSockets_the_app_goes_on_over_server_sent_events_and_posts()
    {
        var relay = Keep(new Relay(Server) { RefusesUpgrades = true });
        var room = NewRoom();
        var bob = await EnterAsync(room, "bob");
        await bob.SendAsync("first");
        await Expect(bob.Undelivered).ToHaveCountAsync(0);

        var ann = await NewPageAsync(server: relay.Address);
        ann.Troubles.Expect(Refused);
        await ann.EnterAsync(relay.Address, room, "ann");
        await Expect(ann.Connection).ToHaveAttributeAsync("title", "Connected without WebSocket");
        await ann.ExpectTextsAsync("first");
        await Expect(ann.Members).ToHaveTextAsync(["ann", "bob"]);
        await Expect(bob.Members).ToHaveTextAsync(["bob", "ann"]);

        await ann.SendAsync("over a post 1");
        await ann.SendAsync("over a post 2");
        await bob.ExpectTextsAsync("first", "over a post 1", "over a post 2");
        await bob.Composer.PressSequentiallyAsync("back");
        await ann.ExpectTypingAsync("bob is typing…");
        await bob.Composer.PressAsync("Enter");
        string[] all = ["first", "over a post 1", "over a post 2", "back"];
        await ann.ExpectTextsAsync(all);
        await Expect(ann.Undelivered).ToHaveCountAsync(0);

        // A cut stream goes on where it was.
        relay.Cut();
        await bob.SendAsync("after the cut");
        await ann.ExpectTextsAsync([.. all, "after the cut"]);
        await ann.SendAsync("and mine");
        await bob.ExpectTextsAsync([.. all, "after the cut", "and mine"]);
    }

    [BrowserFact]
    public async Task Once_WebSockets_get_through_the_app_goes_back_to_one()
    {
        var relay = Keep(new Relay(Server) { RefusesUpgrades = true });
        var room = NewRoom();
        var ann = await NewPageAsync(server: relay.Address);
        ann.Troubles.Expect(Refused);
        await ann.Page.Clock.InstallAsync();
        await ann.EnterAsync(relay.Address, room, "ann");
        await Expect(ann.Connection).ToHaveAttributeAsync("title", "Connected without WebSocket");
        await ann.SendAsync("over HTTP");

        relay.RefusesUpgrades = false;
        await ann.Page.Clock.FastForwardAsync("01:05");
        await Expect(ann.Connection).ToHaveAttributeAsync("title", "Connected");
        await ann.SendAsync("over a WebSocket");
        await ann.ExpectTextsAsync("over HTTP", "over a WebSocket");
        await Expect(ann.Members).ToHaveTextAsync(["ann"]);
    }

    [BrowserFact]
    public async Task A_connection_that_was_cut_comes_back_at_once()
    {
        var relay = Keep(new Relay(Server));
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", server: relay.Address);
        ann.Troubles.Expect(Refused);
        var bob = await EnterAsync(room, "bob");
        relay.Cut();
        await bob.SendAsync("sent meanwhile");
        await ann.ExpectTextsAsync("sent meanwhile");
        await ann.SendAsync("back");
        await bob.ExpectTextsAsync("sent meanwhile", "back");
        await Expect(bob.Members).ToHaveTextAsync(["bob", "ann"]);
    }
}
