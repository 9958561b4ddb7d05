using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class LanguageTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task A_Chinese_browser_gets_the_app_in_Chinese()
    {
        var room = "聊天室-" + NewRoom();
        var page = await NewPageAsync(new BrowserNewContextOptions { Locale = "zh-CN" });
        await page.Page.GotoAsync(ChatPage.RoomUrl(Server.Address, room));
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "大家该怎么称呼你？" })).ToBeVisibleAsync();
        await page.SayNameAsync("小明");
        await page.ExpectOnlineAsync();
        await Expect(page.Composer).ToHaveAttributeAsync("placeholder", "发消息到 #" + room);
        await Expect(page.Page.GetByText($"这里是 #{room} 的开头。")).ToBeVisibleAsync();
        await Expect(page.Connection).ToHaveAttributeAsync("title", "已连接");

        // The Enter that takes a candidate of an input method is not the one that sends.
        await page.Composer.FillAsync("你好");
        await page.Composer.DispatchEventAsync("keydown", new { key = "Enter", isComposing = true });
        await Expect(page.Composer).ToHaveValueAsync("你好");
        await page.Composer.PressAsync("Enter");
        await page.ExpectTextsAsync("你好");
        await Expect(page.Members).ToHaveTextAsync(["小明"]);
        (await page.Page.Locator("body").InnerTextAsync()).ShouldNotContain("undefined");
    }

    [BrowserFact]
    public async Task A_browser_in_a_language_that_is_not_there_gets_English()
    {
        var page = await EnterAsync(NewRoom(), "jörg", new BrowserNewContextOptions { Locale = "de-DE" });
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Connection).ToHaveAttributeAsync("title", "Connected");
        await Expect(page.Members).ToHaveTextAsync(["jörg"]);
    }
}
