using System.Text.RegularExpressions;

namespace ClusterChat.Host;

/// <summary>Hides what may be secret in the addresses of a text: a user with its password, and the query, where keys stand.</summary>
internal static partial class AddressSecrets
{
    /// <summary>The text without them. Rather too much than too little: a password may hold any character that is not escaped.</summary>
    public static string Hide(string text) => Query().Replace(User().Replace(text, "://***@"), "${address}?***");

    [GeneratedRegex("""://[^\s"]*@""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex User();

    [GeneratedRegex("""(?<address>://[^\s"?]*)\?[^\s"]+""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Query();
}
