using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class KeyboardTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task Everything_can_be_done_with_the_keyboard_alone()
    {
        var room = NewRoom();
        await using var bob = await JsonListener.EnterAsync(Server.Address, room, "bob");
        await bob.SendAsync("one");
        await bob.SendAsync("two");
        await bob.ExpectAsync("bob: one", "bob: two");
        var ann = await NewPageAsync();
        var page = ann.Page;
        var keys = page.Keyboard;
        await page.GotoAsync(ChatPage.RoomUrl(Server.Address, room));
        await Expect(page.GetByTestId("name-input")).ToBeFocusedAsync();
        await keys.TypeAsync("ann");
        await keys.PressAsync("Enter");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.ExpectOnlineAsync();
        await keys.TypeAsync("first line");
        await keys.PressAsync("Shift+Enter");
        await keys.TypeAsync("second line");
        await keys.PressAsync("Enter");
        await Expect(ann.Texts.Last).ToHaveTextAsync("first line\nsecond line", new() { UseInnerText = true });
        await Expect(ann.Undelivered).ToHaveCountAsync(0);

        // Up into the messages, along them, and into what can be done with one.
        await keys.PressAsync("Shift+Tab");
        await Expect(page.Locator("#log")).ToBeFocusedAsync();
        await keys.PressAsync("ArrowUp");
        await Expect(ann.Messages.Nth(2)).ToBeFocusedAsync();
        await keys.PressAsync("ArrowUp");
        await Expect(ann.Messages.Nth(1)).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Reply" })).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await Expect(page.Locator(".context-text")).ToHaveTextAsync("two");
        await keys.PressAsync("Escape");
        await Expect(page.Locator("#composer-context")).ToBeHiddenAsync();
        await Expect(ann.Composer).ToBeFocusedAsync();

        // To another room and back.
        var other = NewRoom();
        await page.GetByTestId("room-input").FocusAsync();
        await keys.TypeAsync(other);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#room-title")).ToHaveTextAsync(other);
        await Expect(ann.Composer).ToBeFocusedAsync();
        await page.GetByTestId("room-input").FocusAsync();
        await keys.TypeAsync(room);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#room-title")).ToHaveTextAsync(room);
        await Expect(ann.Messages).ToHaveCountAsync(3);

        // A new name, and a change of mind.
        await page.Locator("#me-button").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.GetByTestId("name-input")).ToBeFocusedAsync();
        await keys.PressAsync("Escape");
        await Expect(page.Locator("#name-dialog")).ToBeHiddenAsync();
        await Expect(page.Locator("#me-button")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Every_control_has_a_name_and_shows_the_focus()
    {
        var ann = await EnterAsync(NewRoom(), "ann");
        var nameless = await ann.Page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll('button, input, textarea, a[href]')].filter((el) => el.checkVisibility())
              .filter((el) => !(el.getAttribute('aria-label') || el.textContent.trim() || el.labels?.length)).map((el) => el.outerHTML)
            """);
        nameless.ShouldBeEmpty();
        var stops = new List<string>();
        while (stops.Count < 200 && (stops.Count == 0 || !stops[^1].StartsWith("composer ", StringComparison.Ordinal)))
        {
            await ann.Page.Keyboard.PressAsync("Tab");
            stops.Add(await ann.Page.EvaluateAsync<string>(
                """
                () => {
                  const el = document.activeElement;
                  if (el === document.body) return 'body';
                  const shown = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none'; };
                  return `${el.id || el.className} ${shown(el) || shown(el.closest('.composer') ?? el) ? 'shown' : 'NOT SHOWN'}`;
                }
                """));
        }

        stops.ShouldNotContain(stop => stop.EndsWith("NOT SHOWN", StringComparison.Ordinal), string.Join('\n', stops));
        // "body" is where the focus is in the browser's own controls.
        stops.Select(stop => stop.Split(' ')[0]).Distinct().ShouldBe(
            ["members-close", "body", "room-input", "room-item", "me-button", "copy-link", "members-button", "log", "composer"], ignoreOrder: true);
    }
}
