using System.Globalization;
using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class HistoryTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const int Count = 180;
    private const string ScrollUp = "document.getElementById('log').scrollTop = 0";

    [BrowserFact]
    public async Task Scrolling_up_brings_the_whole_history_once_and_in_order()
    {
        var room = NewRoom();
        var all = await FillAsync(room);
        var ann = await EnterAsync(room, "ann");
        await ann.ExpectTextsAsync([.. all.TakeLast(50)]);
        await Expect(ann.Texts.Last).ToBeInViewportAsync();

        for (var shown = 100; shown < Count; shown += 50)
        {
            // What the reader looks at stays where it is while older messages come in above it.
            var reading = ann.Texts.Filter(new() { HasText = all[^(shown - 50)] });
            await ann.Page.EvaluateAsync(ScrollUp);
            await Expect(ann.Messages).ToHaveCountAsync(shown);
            await Expect(reading).ToBeInViewportAsync();
        }

        await ann.Page.EvaluateAsync(ScrollUp);
        await ann.ExpectTextsAsync([.. all]);
        await ann.Page.EvaluateAsync(ScrollUp);
        await Expect(ann.Page.GetByText($"This is where #{room} begins.")).ToBeInViewportAsync();
    }

    [BrowserFact]
    public async Task Who_reads_further_up_is_told_of_new_messages_and_not_moved()
    {
        var room = NewRoom();
        var all = await FillAsync(room, 60);
        var ann = await EnterAsync(room, "ann");
        await using var bob = await JsonListener.EnterAsync(Server.Address, room, "bob");
        await ann.Page.EvaluateAsync(ScrollUp);
        await Expect(ann.Messages).ToHaveCountAsync(60);
        await ann.Page.EvaluateAsync(ScrollUp);
        await Expect(ann.Texts.First).ToBeInViewportAsync();
        await bob.SendAsync("news");
        var jump = ann.Page.GetByRole(AriaRole.Button, new() { Name = "1 new message" });
        await Expect(jump).ToBeVisibleAsync();
        await Expect(ann.Texts.First).ToBeInViewportAsync();
        await jump.ClickAsync();
        await Expect(ann.Texts.Last).ToBeInViewportAsync();
        await Expect(ann.Texts.Last).ToHaveTextAsync("news");
        await Expect(jump).ToBeHiddenAsync();
        await ann.ExpectTextsAsync([.. all, "news"]);
    }

    [BrowserFact]
    public async Task Another_room_counts_what_is_unread_and_shows_where_it_begins()
    {
        var (here, there) = (NewRoom(), NewRoom());
        var ann = await EnterAsync(here, "ann");
        await using var bob = await JsonListener.EnterAsync(Server.Address, here, "bob");
        await bob.SendAsync("seen");
        await ann.ExpectTextsAsync("seen");
        await ann.Page.GetByTestId("room-input").FillAsync(there);
        await ann.Page.GetByTestId("room-input").PressAsync("Enter");
        await Expect(ann.Page.Locator("#room-title")).ToHaveTextAsync(there);
        await bob.SendAsync("unseen 1");
        await bob.SendAsync("unseen 2");
        var item = ann.Page.GetByTestId("room-item").Filter(new() { HasText = here });
        await Expect(item.Locator(".badge")).ToHaveTextAsync("2");
        await Expect(ann.Page).ToHaveTitleAsync($"(2) #{there} · ClusterChat");
        await item.ClickAsync();
        await ann.ExpectTextsAsync("seen", "unseen 1", "unseen 2");
        await Expect(ann.Page.Locator(".separator.new + .message")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("unseen 1"));
        await Expect(item.Locator(".badge")).ToHaveCountAsync(0);
        await Expect(ann.Page).ToHaveTitleAsync($"#{here} · ClusterChat");
    }

    private async Task<string[]> FillAsync(string room, int count = Count)
    {
        await using var writer = await JsonListener.EnterAsync(Server.Address, room, "writer");
        var texts = Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"message {i:000}")).ToArray();
        foreach (var text in texts)
        {
            await writer.SendAsync(text);
        }

        await writer.ExpectAsync([.. texts.Select(text => "writer: " + text)]);
        return texts;
    }
}
