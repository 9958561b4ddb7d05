using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class TwoPagesTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task Two_pages_chat_in_one_room()
    {
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann");
        var bob = await EnterAsync(room, "bob");
        await Expect(ann.Members).ToHaveTextAsync(["ann", "bob"]);
        await Expect(bob.Members).ToHaveTextAsync(["bob", "ann"]);
        await Expect(ann.MemberCount).ToHaveTextAsync("2");

        await ann.Composer.PressSequentiallyAsync("hel");
        await bob.ExpectTypingAsync("ann is typing…");
        await ann.Composer.PressSequentiallyAsync("lo");
        await ann.Composer.PressAsync("Enter");
        await ann.ExpectTextsAsync("hello");
        await bob.ExpectTextsAsync("hello");
        await Expect(bob.Typing).ToBeEmptyAsync();
        await Expect(ann.Composer).ToHaveValueAsync(string.Empty);
        await Expect(ann.Page.GetByRole(AriaRole.Img, new() { Name = "Delivered" })).ToHaveCountAsync(1);

        await bob.SendAsync("hello back");
        await ann.ExpectTextsAsync("hello", "hello back");
        await bob.ExpectTextsAsync("hello", "hello back");
        await Expect(ann.Messages.Nth(1).Locator(".author")).ToHaveTextAsync("bob");

        await bob.Page.Context.CloseAsync();
        await Expect(ann.Members).ToHaveTextAsync(["ann"]);
        await Expect(ann.MemberCount).ToHaveTextAsync("1");
    }
}
