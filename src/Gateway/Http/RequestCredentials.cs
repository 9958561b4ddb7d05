using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ClusterChat.Gateway.Http;

/// <summary>Finds the token of a request.</summary>
/// <param name="allowedOrigins">The origins that browsers may connect from; empty for any.</param>
internal sealed class RequestCredentials(IReadOnlyCollection<string> allowedOrigins)
{
    private const string Scheme = "Bearer ";
    private const string Cookie = "access_token";

    /// <summary>Whether a browser may connect from where it does. What is no browser has no origin.</summary>
    public bool AllowsOrigin(HttpRequest request)
        => allowedOrigins.Count == 0 || StringValues.IsNullOrEmpty(request.Headers.Origin) || allowedOrigins.Contains(request.Headers.Origin.ToString());

    /// <summary>The token of the <c>Authorization</c> header; null where there is none.</summary>
    public static string? Header(HttpRequest request)
        => request.Headers.Authorization.ToString() is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;

    /// <summary>
    /// The token of the header or the cookie; null where there is none. A browser adds cookies by itself, whatever page asks, so a
    /// cookie counts only where the page is the server's own or of an allowed origin.
    /// </summary>
    public string? Token(HttpRequest request)
        => Header(request) ?? (IsTrustedPage(request) && request.Cookies.TryGetValue(Cookie, out var token) ? token : null);

    private bool IsTrustedPage(HttpRequest request)
    {
        if (!StringValues.IsNullOrEmpty(request.Headers.Origin))
        {
            var origin = request.Headers.Origin.ToString();
            return allowedOrigins.Contains(origin)
                || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
        }

        // A browser's GET to its own server has no Origin. This header cannot be set by pages.
        return request.Headers["Sec-Fetch-Site"] == "same-origin";
    }
}
