using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>Names, and what makes two tabs one guest.</summary>
public sealed class GuestTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task A_name_that_is_taken_is_said_so_and_another_one_works()
    {
        var room = NewRoom();
        var first = await EnterAsync(room, "ann");
        var second = await NewPageAsync();
        await second.Page.GotoAsync(ChatPage.RoomUrl(Server.Address, room));
        await second.SayNameAsync("ann");
        await Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else in this room has that name.");
        await Expect(second.Composer).ToBeDisabledAsync();
        await Expect(second.MemberCount).ToBeEmptyAsync();
        await second.Page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Button, new() { Name = "Change name" }).ClickAsync();
        await Expect(second.Page.GetByTestId("name-input")).ToHaveValueAsync("ann");
        await second.SayNameAsync("ann the second");
        await second.ExpectOnlineAsync();
        await second.SendAsync("hello");
        await first.ExpectTextsAsync("hello");
        await Expect(second.MemberCount).ToHaveTextAsync("2");
        await Expect(first.Members).ToHaveTextAsync(["ann", "ann the second"]);
        await Expect(second.Members).ToHaveTextAsync(["ann the second", "ann"]);
    }

    [BrowserFact]
    public async Task A_name_that_cannot_be_is_refused_where_it_is_asked_for()
    {
        var page = await NewPageAsync();
        var complaint = page.Page.GetByText("That name cannot be used.");
        await page.Page.GotoAsync(ChatPage.RoomUrl(Server.Address, NewRoom()));
        foreach (var name in (string[])["a\u202Eb", "\u200B", "a\u0007b"])
        {
            await page.SayNameAsync(name);
            await Expect(complaint).ToBeVisibleAsync();
            await page.SayNameAsync(string.Empty);
            await Expect(complaint).ToBeHiddenAsync();
        }

        await page.SayNameAsync("a better one");
        await page.ExpectOnlineAsync();
        await Expect(page.Members).ToHaveTextAsync(["a better one"]);

        // One that only the server refuses: of an earlier version, or of other hands.
        await page.Page.EvaluateAsync("localStorage.setItem('clusterchat.name', JSON.stringify('a\\u202Eb'))");
        await page.Page.ReloadAsync();
        await Expect(complaint).ToBeVisibleAsync();
        await page.SayNameAsync("the best one");
        await page.ExpectOnlineAsync();
        await Expect(page.Members).ToHaveTextAsync(["the best one"]);
    }

    [BrowserFact]
    public async Task Two_tabs_are_one_guest()
    {
        var room = NewRoom();
        var left = await EnterAsync(room, "ann");
        var bob = await EnterAsync(room, "bob");
        var right = await NewTabAsync(left.Page.Context);
        await right.Page.GotoAsync(ChatPage.RoomUrl(Server.Address, room));
        await right.ExpectOnlineAsync();
        await Expect(right.Members).ToHaveTextAsync(["ann", "bob"]);
        await Expect(bob.MemberCount).ToHaveTextAsync("2");

        await left.SendAsync("from the left");
        await right.SendAsync("from the right");
        string[] both = ["from the left", "from the right"];
        await left.ExpectTextsAsync(both);
        await right.ExpectTextsAsync(both);
        await bob.ExpectTextsAsync(both);
        await Expect(left.Page.Locator(".message.own")).ToHaveCountAsync(2);
        await Expect(right.Page.Locator(".message.own")).ToHaveCountAsync(2);

        // The guest goes with the last tab.
        await left.Page.CloseAsync();
        await right.SendAsync("still here");
        await bob.ExpectTextsAsync([.. both, "still here"]);
        await Expect(bob.Members).ToHaveTextAsync(["bob", "ann"]);
        await right.Page.CloseAsync();
        await Expect(bob.Members).ToHaveTextAsync(["bob"]);
    }

    [BrowserFact]
    public async Task A_visit_later_is_the_same_guest_in_the_same_rooms()
    {
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann");
        await ann.SendAsync("mine");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await ann.Page.GotoAsync("about:blank");
        await ann.Page.GotoAsync(Server.Address.ToString());
        await Expect(ann.Page.Locator("#room-title")).ToHaveTextAsync(room);
        await ann.ExpectTextsAsync("mine");
        await Expect(ann.Page.Locator(".message.own")).ToHaveCountAsync(1);
    }
}
