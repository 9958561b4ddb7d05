using ClusterChat.Browser.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

public sealed class LooksTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    /// <summary>Of each text against the nearest background behind it, as WCAG 2.1 has it; 4.5 is level AA.</summary>
    private const string LowestContrast =
        """
        () => {
          const ctx = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgb = (color) => { ctx.clearRect(0, 0, 1, 1); ctx.fillStyle = color; ctx.fillRect(0, 0, 1, 1); return [...ctx.getImageData(0, 0, 1, 1).data]; };
          const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const behind = (el) => { for (; el; el = el.parentElement) { const c = rgb(getComputedStyle(el).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
          let lowest = { ratio: 99, where: '' };
          for (const el of document.querySelectorAll('.message-text, .author, time, .typing, .room-item, .member-name, .member-you, .avatar, .list-heading, .log-top, .separator span, .members-button, .quiet-count')) {
            if (!el.textContent.trim()) continue;
            const [a, b] = [light(rgb(getComputedStyle(el).color)), light(behind(el))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < lowest.ratio) lowest = { ratio, where: `${el.className || el.tagName} "${el.textContent}"` };
          }
          return `${lowest.ratio.toFixed(2)} ${lowest.where}`;
        }
        """;

    [BrowserTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_app_follows_the_systems_colours_and_stays_legible(ColorScheme scheme)
    {
        var room = NewRoom();
        var ann = await EnterAsync(room, "ann", new BrowserNewContextOptions { ColorScheme = scheme });
        foreach (var name in (string[])["bob", "cy", "dora", "Емеля", "小明"])
        {
            await using var other = await JsonListener.EnterAsync(Server.Address, room, name);
            await other.SendAsync("hello");
            await other.ExpectAsync($"{name}: hello");
        }

        await ann.SendAsync("hello");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await Expect(ann.Messages).ToHaveCountAsync(6);
        var lowest = await ann.Page.EvaluateAsync<string>(LowestContrast);
        double.Parse(lowest.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(4.5, lowest);
        var isDark = await ann.Page.EvaluateAsync<bool>("() => { const [r] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g); return r < 128; }");
        isDark.ShouldBe(scheme == ColorScheme.Dark);
    }

    [BrowserFact]
    public async Task Nothing_is_offered_that_the_server_cannot_do()
    {
        var ann = await EnterAsync(NewRoom(), "ann");
        var sent = new List<string>();
        await ann.SendAsync("mine");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await ann.Messages.First.HoverAsync();
        await Expect(ann.Page.Locator(".toolbar button")).ToHaveCountAsync(1);
        await Expect(ann.Page.Locator(".toolbar").GetByRole(AriaRole.Button, new() { Name = "Reply" })).ToBeVisibleAsync();
        await ann.Composer.PressAsync("ArrowUp");
        await Expect(ann.Composer).ToHaveValueAsync(string.Empty);

        // Whatever a page sends is something that the server knows.
        ann.Page.WebSocket += (_, socket) =>
        {
            socket.FrameSent += (_, frame) => sent.Add(frame.Text ?? string.Empty);
            socket.FrameReceived += (_, frame) => sent.Add(frame.Text ?? string.Empty);
        };
        await ann.Page.ReloadAsync();
        await ann.ExpectTextsAsync("mine");
        await ann.SendAsync("again");
        await Expect(ann.Undelivered).ToHaveCountAsync(0);
        await Expect(ann.Messages).ToHaveCountAsync(2);
        sent.ShouldContain(frame => frame.Contains("\"again\"", StringComparison.Ordinal));
        sent.ShouldNotContain(frame => frame.Contains("\"read\"", StringComparison.Ordinal) || frame.Contains("unknown_type", StringComparison.Ordinal));
    }
}
