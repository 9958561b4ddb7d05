using Microsoft.Playwright;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// A test with pages: each has a context (cookies, storage) of its own, and at the end none may have had trouble.
/// </summary>
[Collection(BrowserCollection.Name)]
public abstract class BrowserTest(BrowserFixture fixture) : IAsyncLifetime
{
    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<ChatPage> _pages = [];
    private readonly Stack<IAsyncDisposable> _servers = [];
    private int _rooms;

    protected ChatServer Server => fixture.Server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.CloseAsync();
        }

        // After the pages, which would complain of their absence.
        while (_servers.TryPop(out var server))
        {
            await server.DisposeAsync();
        }

        _pages.SelectMany(page => page.Troubles.Seen).ShouldBeEmpty();
    }

    /// <summary>A room that no other test uses.</summary>
    protected string NewRoom() => $"{GetType().Name}-{++_rooms}-{Random.Shared.Next():x}";

    /// <summary>A node for this test alone.</summary>
    protected async Task<ChatServer> StartNodeAsync(bool limited = false, IReadOnlyDictionary<string, string>? settings = null)
        => Keep(await ChatServer.StartAsync(limited, settings));

    /// <summary>Disposed of at the end of the test, when the pages are gone.</summary>
    protected T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Push(server);
        return server;
    }

    /// <summary>A tab in a new context.</summary>
    protected async Task<ChatPage> NewPageAsync(BrowserNewContextOptions? options = null, Uri? server = null)
    {
        options ??= new BrowserNewContextOptions();
        options.Locale ??= "en-GB";
        options.ViewportSize ??= new ViewportSize { Width = 1280, Height = 800 };
        var context = await fixture.Browser.NewContextAsync(options);
        _contexts.Add(context);
        return await NewTabAsync(context, server);
    }

    /// <summary>One more tab in a context.</summary>
    protected async Task<ChatPage> NewTabAsync(IBrowserContext context, Uri? server = null)
    {
        var page = await context.NewPageAsync();
        var troubles = new Troubles();
        await troubles.WatchAsync(page, server ?? Server.Address);
        var chat = new ChatPage(page, troubles);
        _pages.Add(chat);
        return chat;
    }

    /// <summary>A tab in a new context that has entered a room.</summary>
    protected async Task<ChatPage> EnterAsync(string room, string name, BrowserNewContextOptions? options = null, Uri? server = null)
    {
        var page = await NewPageAsync(options, server);
        await page.EnterAsync(server ?? Server.Address, room, name);
        return page;
    }
}
