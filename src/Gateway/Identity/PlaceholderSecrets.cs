namespace ClusterChat.Gateway.Identity;

/// <summary>Tells a secret from the words that stand in its place in examples: what everybody can read in a repository protects nothing.</summary>
public static class PlaceholderSecrets
{
    private static readonly string[] Words = ["changeme", "changethis", "replaceme", "replacethis", "yourpassword", "yoursecret", "placeholder"];

    /// <summary>What is wrong with a secret; null if nothing is. It repeats nothing of it.</summary>
    public static string? Check(string secret)
    {
        var letters = string.Concat(secret.Where(char.IsAsciiLetter)).ToLowerInvariant();
        return Words.Any(w => letters.Contains(w, StringComparison.Ordinal))
            ? "is the placeholder of an example and no secret; \"openssl rand -base64 32\" makes a good one"
            : null;
    }
}
