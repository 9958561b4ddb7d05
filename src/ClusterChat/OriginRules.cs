namespace ClusterChat.Host;

/// <summary>
/// Origins as browsers write them (RFC 6454, section 6.2), since they are compared as text: without a path, in small letters, with a
/// port only where it is not the scheme's own.
/// </summary>
internal static class OriginRules
{
    /// <summary>Puts what has been written otherwise into that form.</summary>
    /// <returns>What is wrong, each with the key below the section.</returns>
    public static IEnumerable<(string Key, string Problem)> Normalize(IList<string> origins)
    {
        for (var i = 0; i < origins.Count; i++)
        {
            if (Read(origins[i], out var origin) is { } problem)
            {
                yield return ($"{nameof(NodeOptions.AllowedOrigins)}:{i}", problem);
            }

            origins[i] = origin;
        }
    }

    private static string? Read(string text, out string origin)
    {
        origin = text;
        if (text == "*")
        {
            return "is no origin: without any entry, pages of all origins may connect";
        }

        if (text == "null")
        {
            return "is no origin: any page can make itself one without an origin, so this would let in pages of all origins";
        }

        if (text.Contains('*', StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0
            || uri.UserInfo.Length > 0 || uri.PathAndQuery is not ("" or "/") || uri.Fragment.Length > 0)
        {
            return $"must be an origin such as https://chat.example, without a path or a wildcard, is \"{text}\"";
        }

        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        origin = uri.IsDefaultPort ? $"{uri.Scheme}://{host}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{uri.Scheme}://{host}:{uri.Port}");
        return null;
    }
}
