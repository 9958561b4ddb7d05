namespace ClusterChat.TestKit;

/// <summary>A promise that was broken.</summary>
/// <param name="Promise">Which one, in a few words that stay the same.</param>
/// <param name="Story">Who, where, and what was expected.</param>
public sealed record Violation(string Promise, string Story)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Promise}] {Story}";
}
