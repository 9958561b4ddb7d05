namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// A test that needs Chromium. Only <c>CLUSTERCHAT_SKIP_BROWSER</c> skips it, and the report says so; a missing
/// browser is a failure.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = BrowserFixture.SkipReason!;
}

/// <summary><see cref="BrowserFactAttribute"/> with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = BrowserFixture.SkipReason!;
}
