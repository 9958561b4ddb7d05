using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>
/// What people send is text. Dialogs, violations of the policy, and requests to elsewhere fail every test by
/// themselves (<see cref="Troubles"/>).
/// </summary>
public sealed class HostileTextTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const string HostileName = "<img src=x onerror=alert(1)>";
    private static readonly string LongWord = new('W', 5_000);

    private static readonly string[] Texts =
    [
        "<img src=x onerror=\"alert(1)\">",
        "<script>alert(1)</script>",
        "</p></article></textarea><svg onload=alert(1)><iframe src=\"javascript:alert(1)\">",
        "javascript:alert(1)",
        "[click](javascript:alert(1)) data:text/html,<script>alert(1)</script>",
        "https://example.com/?a=1&b=2 \"onmouseover=alert(1) https://example.com/\"onclick=\"alert(1)",
        "photo_\u202Egpj.exe \u2066\u2067 and what comes after",
        "Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034Dalgo",
        "{{constructor.constructor('alert(1)')()}} ${alert(1)} %3Cscript%3E",
        LongWord,
    ];

    [BrowserFact]
    public async Task Hostile_text_and_names_are_shown_as_text()
    {
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann");
        await using var mallory = await JsonListener.EnterAsync(Server.Address, room, HostileName);
        await Expect(ann.Members).ToHaveTextAsync(["ann", HostileName]);
        await mallory.TypeAsync();
        await ann.ExpectTypingAsync(HostileName + " is typing…");
        foreach (var text in Texts)
        {
            await mallory.SendAsync(text);
        }

        await mallory.ExpectAsync([.. Texts.Select(text => $"{HostileName}: {text}")]);
        await Expect(ann.Messages).ToHaveCountAsync(Texts.Length);
        (await ann.Texts.AllTextContentsAsync()).ShouldBe(Texts);
        await Expect(ann.Messages.First.Locator(".author")).ToHaveTextAsync(HostileName);
        await ExpectNothingButTextAsync(ann);

        // The same from one's own keys, as a page that is loaded, and as a quotation.
        await ann.SendAsync(Texts[0]);
        await ann.Messages.First.HoverAsync();
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Reply" }).ClickAsync();
        await Expect(ann.Page.Locator(".context-text")).ToHaveTextAsync(Texts[0]);
        await ann.SendAsync(Texts[1]);
        await Expect(ann.Page.Locator(".quote-text")).ToHaveTextAsync(Texts[0]);
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await ann.Page.ReloadAsync();
        await Expect(ann.Messages).ToHaveCountAsync(Texts.Length + 2);
        (await ann.Texts.AllTextContentsAsync()).ShouldBe([.. Texts, Texts[0], Texts[1]]);
        await ExpectNothingButTextAsync(ann);
    }

    [BrowserFact]
    public async Task Links_lead_only_to_the_web_and_take_nothing_along()
    {
        var ann = await EnterAsync(NewRoom(), "ann");
        await ann.SendAsync("see (https://example.com/a_(b)?q=1), HTTP://EXAMPLE.org. javascript:alert(1) ftp://example.com/ //example.com https://exa\u202Emple.com");
        await Expect(ann.Messages).ToHaveCountAsync(1);
        var links = ann.Texts.GetByRole(AriaRole.Link);
        await Expect(links.Nth(0)).ToHaveTextAsync("https://example.com/a_(b)?q=1");
        await Expect(links.Nth(1)).ToHaveTextAsync("HTTP://EXAMPLE.org");
        foreach (var link in await links.AllAsync())
        {
            await Expect(link).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("^https?://"));
            await Expect(link).ToHaveAttributeAsync("rel", "noopener noreferrer");
            await Expect(link).ToHaveAttributeAsync("target", "_blank");
        }

        // What looks like one host and leads to another.
        await ann.SendAsync("https://good.example@evil.example http://good.example:443@evil.example/");
        await Expect(ann.Messages).ToHaveCountAsync(2);
        await Expect(ann.Texts.Nth(1).GetByRole(AriaRole.Link)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Rooms_whose_names_push_in_front_hide_none_with_people()
    {
        var node = await StartNodeAsync();
        using var http = new HttpClient { BaseAddress = node.Address, DefaultRequestHeaders = { { "X-Guest-Name", "eve" } } };
        for (var i = 0; i < 120; i++)
        {
            using var answer = await http.PostAsync(new Uri(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"api/rooms/-BUY-{i}/messages"), UriKind.Relative), new StringContent("""{"text":"buy"}"""));
            answer.EnsureSuccessStatusCode();
        }

        await using var bob = await JsonListener.EnterAsync(node.Address, "team", "bob");
        var ann = await EnterAsync("lobby", "ann", server: node.Address);

        await Expect(ann.Page.Locator("[data-testid=room-item][data-joined=false]").First).ToHaveAttributeAsync("data-room", "team");
    }

    [BrowserFact]
    public async Task A_hostile_address_leads_to_the_lobby()
    {
        var page = await NewPageAsync();
        await page.Page.GotoAsync(Server.Address + "#/r/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E");
        await page.SayNameAsync("hostile-address");
        await page.ExpectOnlineAsync();
        await Expect(page.Page.Locator("#room-title")).ToHaveTextAsync("lobby");
    }

    private static async Task ExpectNothingButTextAsync(ChatPage page)
    {
        await Expect(page.Page.Locator(".log :is(img, script, iframe, style, object), .members :is(img, script), .log svg:not(.icon)")).ToHaveCountAsync(0);
        (await page.Page.EvaluateAsync<int>("[...document.querySelectorAll('a[href]')].filter((a) => !/^https?:$/.test(a.protocol)).length")).ShouldBe(0);

        // A text that turns its direction turns no other, and a long word breaks instead of the page.
        (await page.Page.EvaluateAsync<bool>("[...document.querySelectorAll('.message-text')].every((p) => getComputedStyle(p).unicodeBidi !== 'normal' || p.dir === 'auto')")).ShouldBeTrue();
        (await page.Page.EvaluateAsync<bool>("[document.documentElement, document.getElementById('log')].every((el) => el.scrollWidth <= el.clientWidth)")).ShouldBeTrue();
    }
}
