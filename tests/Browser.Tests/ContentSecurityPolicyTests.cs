using ClusterChat.Browser.Tests.Kit;
using static Microsoft.Playwright.Assertions;

namespace ClusterChat.Browser.Tests;

/// <summary>That the app lives under its policy is part of every test; here, that the policy is one.</summary>
public sealed class ContentSecurityPolicyTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [BrowserFact]
    public async Task The_policy_allows_what_the_app_is_made_of_and_no_more()
    {
        var page = await NewPageAsync();
        var answer = await page.Page.GotoAsync(Server.Address.ToString());
        var headers = await answer!.AllHeadersAsync();
        var policy = headers["content-security-policy"].Split(';', StringSplitOptions.TrimEntries)
            .Select(directive => directive.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        policy["default-src"].ShouldBe("'none'");
        policy["script-src"].ShouldBe("'self'");
        policy["style-src"].ShouldBe("'self'");
        policy["connect-src"].ShouldBe("'self'");
        policy["base-uri"].ShouldBe("'none'");
        policy["frame-ancestors"].ShouldBe("'none'");
        string.Join(' ', policy.Values).ShouldNotContain("unsafe");
        string.Join(' ', policy.Values).ShouldNotContain("*");
        headers["x-content-type-options"].ShouldBe("nosniff");
        headers["referrer-policy"].ShouldBe("no-referrer");
    }

    [BrowserFact]
    public async Task The_policy_stops_what_would_have_slipped_through()
    {
        var ann = await EnterAsync(NewRoom(), "ann");
        ann.Troubles.Seen.ShouldBeEmpty();
        ann.Troubles.Expect(".*");
        await ann.Page.EvaluateAsync(
            """
            () => {
              const log = document.getElementById('log');
              log.insertAdjacentHTML('beforeend', '<img src="nothing.png" onerror="window.__ran = 1"><a id="evil" href="javascript:window.__ran = 2">x</a>');
              log.append(Object.assign(document.createElement('script'), { textContent: 'window.__ran = 3' }));
              document.getElementById('evil').click();
            }
            """);
        await ann.Page.WaitForFunctionAsync("() => document.querySelector('#log img').complete");
        (await ann.Page.EvaluateAsync<string>("() => fetch('http://127.0.0.1:9/').then(() => 'answered', () => 'stopped')")).ShouldBe("stopped");
        await ann.Page.EvaluateAsync("() => { try { new WebSocket('ws://127.0.0.1:9/'); } catch { /* stopped */ } }");
        (await ann.Page.EvaluateAsync<int?>("() => window.__ran")).ShouldBeNull();
        string[] stopped = ["policy: script-src-attr inline", "policy: script-src-elem inline", "policy: connect-src http://127.0.0.1:9/", "policy: connect-src ws://127.0.0.1:9/"];
        await ann.SendAsync("it still works");
        await ann.ExpectTextsAsync("it still works");
        var all = ann.Troubles.All;
        foreach (var expected in stopped)
        {
            all.ShouldContain(what => what.StartsWith(expected, StringComparison.Ordinal), string.Join('\n', all));
        }
    }
}
