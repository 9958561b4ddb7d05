using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>The web app in one tab, as a user sees it.</summary>
public sealed class ChatPage(IPage page, Troubles troubles)
{
    public IPage Page { get; } = page;

    public Troubles Troubles { get; } = troubles;

    public ILocator Messages => Page.GetByTestId("message");

    public ILocator Texts => Page.GetByTestId("message-text");

    public ILocator Composer => Page.GetByTestId("composer");

    public ILocator Typing => Page.GetByTestId("typing");

    public ILocator Members => Page.GetByTestId("member-list").Locator(".member-name");

    public ILocator MemberCount => Page.GetByTestId("member-count");

    public ILocator Connection => Page.GetByTestId("connection-state");

    public ILocator Banner => Page.Locator("#banner");

    public ILocator Undelivered => Page.Locator("[data-testid=message]:not([data-state=sent])");

    /// <summary>Opens a room, answers the question for a name, and waits until the room is there.</summary>
    public async Task EnterAsync(Uri server, string room, string name)
    {
        await Page.GotoAsync(RoomUrl(server, room));
        await SayNameAsync(name);
        await ExpectOnlineAsync();
        await Expect(Page.Locator("#room-title")).ToHaveTextAsync(room);
    }

    public static string RoomUrl(Uri server, string room) => $"{server}#/r/{Uri.EscapeDataString(room)}";

    public async Task SayNameAsync(string name)
    {
        await Page.GetByTestId("name-input").FillAsync(name);
        await Page.GetByTestId("name-submit").ClickAsync();
    }

    /// <summary>
    /// Types and sends. The page draws with its next frame; when this comes back, it did: that nothing is undelivered
    /// any more cannot be true only because the message is not shown yet.
    /// </summary>
    public async Task SendAsync(string text)
    {
        await Composer.FillAsync(text);
        await Composer.PressAsync("Enter");
        await Page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    }

    /// <summary>Connected, and with the page of the room: the top of the log says no longer that it is being joined.</summary>
    public async Task ExpectOnlineAsync()
    {
        await Expect(Connection).ToHaveAttributeAsync("data-state", "online");
        await Expect(Page.Locator("#log .log-top:not(.quiet)").Or(Messages).First).ToBeAttachedAsync();
    }

    public Task ExpectTextsAsync(params string[] texts) => Expect(Texts).ToHaveTextAsync(texts);

    public Task ExpectTypingAsync(string text) => Expect(Typing).ToHaveTextAsync(text);
}
