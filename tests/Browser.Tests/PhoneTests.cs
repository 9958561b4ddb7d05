using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class PhoneTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const int SmallestTarget = 40;

    [BrowserFact]
    public async Task A_phone_has_room_for_all_of_it()
    {
        var room = NewRoom();
        await using var bob = await JsonListener.EnterAsync(Server.Address, room, "bob");
        await bob.SendAsync("hello from the other side");
        await bob.ExpectAsync("bob: hello from the other side");
        var ann = await EnterAsync(room, "ann", new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 360, Height = 740 },
            HasTouch = true,
            IsMobile = true,
            DeviceScaleFactor = 2,
        });
        var page = ann.Page;
        await ann.Composer.TapAsync();
        await ann.Composer.FillAsync("from a phone");
        await page.GetByTestId("send-button").TapAsync();
        await bob.ExpectAsync("ann: from a phone");
        await Expect(ann.Composer).ToBeInViewportAsync();
        await Expect(page.GetByTestId("room-list")).Not.ToBeInViewportAsync();
        await ExpectItFitsAsync(page);

        // Rooms and members are drawers; tapping beside one, or choosing, puts it away.
        await page.GetByRole(AriaRole.Button, new() { Name = "Show rooms" }).TapAsync();
        await Expect(page.GetByTestId("room-item").Filter(new() { HasText = room })).ToBeInViewportAsync();
        await ExpectItFitsAsync(page);
        await page.Locator("#scrim").TapAsync(new() { Position = new() { X = 350, Y = 400 } });
        await Expect(page.GetByTestId("room-list")).Not.ToBeInViewportAsync();
        await page.Locator("#members-button").TapAsync();
        await Expect(ann.Members).ToHaveTextAsync(["ann", "bob"]);
        await Expect(page.GetByTestId("member-list")).ToBeInViewportAsync();
        await page.Locator("#members-close").TapAsync();
        await Expect(page.GetByTestId("member-list")).Not.ToBeInViewportAsync();

        // A tap on a message brings what can be done with it.
        await ann.Messages.First.TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reply" }).TapAsync();
        await ann.Composer.FillAsync("an answer");
        await page.GetByTestId("send-button").TapAsync();
        await Expect(page.Locator(".quote-text")).ToHaveTextAsync("hello from the other side");

        var other = NewRoom();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show rooms" }).TapAsync();
        await page.GetByTestId("room-input").FillAsync(other);
        await page.GetByTestId("room-input").PressAsync("Enter");
        await Expect(page.Locator("#room-title")).ToHaveTextAsync(other);
        await Expect(page.GetByTestId("room-list")).Not.ToBeInViewportAsync();
        await bob.SendAsync("where are you?");
        await Expect(page.Locator("#sidebar-open")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("has-unread"));
    }

    private static async Task ExpectItFitsAsync(IPage page)
    {
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        var small = await page.EvaluateAsync<string[]>(
            $$"""
            [...document.querySelectorAll('.room-header button, .composer .send')].filter((b) => b.offsetParent)
              .filter((b) => b.offsetWidth < {{SmallestTarget}} || b.offsetHeight < {{SmallestTarget}}).map((b) => b.id)
            """);
        small.ShouldBeEmpty();
    }
}
