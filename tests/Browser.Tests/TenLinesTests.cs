using System.Globalization;
using ClusterChat.Browser.Tests.Kit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>A page of ten lines that knows nothing of the protocol: plain mode.</summary>
public sealed class TenLinesTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const string Room = "lobby";

    [BrowserFact]
    public async Task A_page_of_ten_lines_chats_with_clients_of_every_kind()
    {
        // Of its own, because such a page chooses neither its room nor its name.
        var node = await StartNodeAsync();
        await using var elsewhere = await ServeAsync(await PageForAsync(node));
        var app = await EnterAsync(Room, "app", server: node.Address);
        await using var json = await JsonListener.EnterAsync(node.Address, Room, "json");
        await using var sse = await SseListener.EnterAsync(node.Address, Room, "sse");
        await using var poll = await PollListener.EnterAsync(node.Address, Room, "poll");
        var plain = await OpenAsync(node, elsewhere.Urls.Single());
        await Expect(app.Members.Filter(new() { HasText = "guest-1" })).ToHaveCountAsync(1);

        var lines = new List<string>();
        var turns = new (string Who, Func<string, Task> Send)[]
        {
            ("guest-1", text => SayAsync(plain, text)), ("app", app.SendAsync), ("json", json.SendAsync), ("sse", sse.SendAsync), ("poll", poll.SendAsync),
        };
        foreach (var (who, send) in turns.Concat(turns))
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"line {lines.Count} <b>of</b> {who}");
            lines.Add($"{who}: {text}");
            await send(text);
            await Expect(plain.Locator("li")).ToHaveTextAsync(lines);
        }

        await app.ExpectTextsAsync([.. lines.Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..])]);
        await json.ExpectAsync([.. lines]);
        await sse.ExpectAsync([.. lines]);
        await poll.ExpectAsync([.. lines]);

        // A second one gets the newest ten, and a name of its own.
        var late = await OpenAsync(node, elsewhere.Urls.Single());
        await Expect(late.Locator("li")).ToHaveTextAsync(lines);
        await SayAsync(late, "me too");
        await Expect(plain.Locator("li").Last).ToHaveTextAsync("guest-2: me too");
    }

    [BrowserFact]
    public async Task A_page_of_ten_lines_works_from_a_file()
    {
        var node = await StartNodeAsync();
        var folder = Directory.CreateTempSubdirectory("clusterchat-page-");
        try
        {
            var file = Path.Combine(folder.FullName, "chat.html");
            await File.WriteAllTextAsync(file, await PageForAsync(node));
            var page = await OpenAsync(node, new Uri(file).AbsoluteUri);
            var app = await EnterAsync(Room, "app", server: node.Address);
            await app.SendAsync("hello\nin two lines");
            await Expect(page.Locator("li")).ToHaveTextAsync("app: hello in two lines");
            await SayAsync(page, "hello from a file");
            await app.ExpectTextsAsync("hello\nin two lines", "hello from a file");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The page as its author would write it, but for the port.</summary>
    private static async Task<string> PageForAsync(ChatServer node)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "pages", "ten-lines.html"));
        page.ShouldContain("new WebSocket('ws://localhost:8080')");
        page.TrimEnd('\n').Split('\n').Length.ShouldBe(10);
        return page.Replace(":8080", string.Create(CultureInfo.InvariantCulture, $":{node.Port}"), StringComparison.Ordinal);
    }

    private static async Task<WebApplication> ServeAsync(string html)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(html);
        });
        app.MapGet("/favicon.ico", () => Results.NoContent());
        await app.StartAsync();
        return app;
    }

    private async Task<IPage> OpenAsync(ChatServer node, string url)
    {
        var page = (await NewPageAsync(server: url.StartsWith("file:", StringComparison.Ordinal) ? node.Address : new Uri(url))).Page;
        await page.RunAndWaitForWebSocketAsync(() => page.GotoAsync(url));
        await page.WaitForFunctionAsync("socket.readyState === WebSocket.OPEN");
        return page;
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.Locator("#text").FillAsync(text);
        await page.Locator("#send").ClickAsync();
    }
}
