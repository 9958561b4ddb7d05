using Microsoft.Playwright;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>One Chromium for all tests, and one node for those that do not harm it.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string SkipVariable = "CLUSTERCHAT_SKIP_BROWSER";
    private const string PathVariable = "CLUSTERCHAT_CHROMIUM";
    private const string DebianPath = "/usr/bin/chromium";

    // What a quiet, offline machine needs: no sandbox for root in a container, no GPU, and nothing that calls home.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--no-default-browser-check",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private ChatServer? _server;

    /// <summary>Why the tests are skipped; null where they are not.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable(SkipVariable) is { Length: > 0 }
        ? $"{SkipVariable} is set: no browser on this machine."
        : null;

    internal IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not running.");

    internal ChatServer Server => _server ?? throw new InvalidOperationException("The node is not running.");

    public async Task InitializeAsync()
    {
        if (SkipReason is not null)
        {
            return;
        }

        var chromium = Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : DebianPath;
        if (!File.Exists(chromium))
        {
            throw new InvalidOperationException(
                $"There is no Chromium at {chromium}. Install it (apt-get install chromium), or name one in {PathVariable}. "
                + $"Only where that is not possible: {SkipVariable}=1 skips these tests.");
        }

        // Generous, because it is only waited for in full when something is broken.
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        var browser = _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = Arguments });
        _server = await ChatServer.StartAsync();
        _browser = await browser;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>All tests share the fixture, and so run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
