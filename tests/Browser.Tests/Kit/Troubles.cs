using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// Whatever a page must not do, whichever test it is in: errors in the console, uncaught exceptions, dialogs,
/// violations of the content security policy, requests to elsewhere.
/// </summary>
public sealed class Troubles
{
    private const string Binding = "__reportViolation";
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly List<Regex> _expected = [];

    /// <summary>What was seen.</summary>
    public IReadOnlyList<string> All => [.. _seen];

    /// <summary>What was seen and is not expected.</summary>
    public IReadOnlyList<string> Seen => [.. _seen.Where(what => !_expected.Any(expected => expected.IsMatch(what)))];

    /// <summary>For tests in which the network fails: browsers report that in the console by themselves.</summary>
    public void Expect(string pattern) => _expected.Add(new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1)));

    internal async Task WatchAsync(IPage page, Uri origin)
    {
        await page.ExposeFunctionAsync(Binding, (string what) => _seen.Enqueue("policy: " + what));
        await page.AddInitScriptAsync(
            $"addEventListener('securitypolicyviolation', (e) => {Binding}(`${{e.violatedDirective}} ${{e.blockedURI}} ${{e.sourceFile}}:${{e.lineNumber}}`));");
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _seen.Enqueue($"console: {message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _seen.Enqueue("exception: " + error);
        page.Dialog += async (_, dialog) =>
        {
            _seen.Enqueue($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var target) && target.Authority != origin.Authority
                && target.Scheme is not ("data" or "blob" or "file"))
            {
                _seen.Enqueue("request to elsewhere: " + request.Url);
            }
        };
    }
}
