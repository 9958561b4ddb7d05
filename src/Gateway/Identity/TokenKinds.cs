using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// Tells tokens that let a user in from others that the same key signs: what is made to log somebody out, to tell of an event, to prove
/// a key or to get further tokens must open nothing (RFC 8725, sections 2.8 and 3.11).
/// </summary>
internal static class TokenKinds
{
    /// <summary>What access tokens call themselves, if they do: RFC 7519, section 5.1, and RFC 9068, section 2.1.</summary>
    private static readonly string[] Types = ["JWT", "at+jwt"];

    /// <summary>RFC 7515, section 4.1.9: may stand before it, or not.</summary>
    private const string MediaType = "application/";

    /// <summary>What Keycloak (<c>typ</c>) and Cognito (<c>token_use</c>) say in tokens whose headers all say the same.</summary>
    private static readonly (string Claim, string[] Others)[] Uses = [("typ", ["ID", "Refresh", "Offline", "Logout"]), ("token_use", ["id", "refresh"])];

    /// <summary>Why a token is none of ours by its header; null where it may be.</summary>
    public static string? Refuse(JsonWebToken token)
    {
        try
        {
            using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader));
            return RefuseHeader(header.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return "its header is no JSON object";
        }
    }

    /// <summary>The same by what it says.</summary>
    public static string? Refuse(JsonElement payload)
    {
        // A Security Event Token (RFC 8417, section 2.2), of which logout tokens are one kind; not all of them have a "typ" of their own.
        if (payload.TryGetProperty("events", out _))
        {
            return "it tells of events";
        }

        foreach (var (claim, others) in Uses)
        {
            if (payload.TryGetProperty(claim, out var use) && use.ValueKind == JsonValueKind.String && others.Contains(use.GetString(), StringComparer.OrdinalIgnoreCase))
            {
                return $"its \"{claim}\" is {LogText.Quoted(use.GetString()!)}, which does not let anybody in";
            }
        }

        return null;
    }

    private static string? RefuseHeader(JsonElement header)
    {
        foreach (var member in header.EnumerateObject())
        {
            // What it names has to be understood (RFC 7515, section 4.1.11), and nothing of the kind is.
            if (member.NameEquals("crit"))
            {
                return "\"crit\" asks for what is not understood here";
            }

            if (member.NameEquals("typ") && !IsAccess(member.Value))
            {
                return $"its \"typ\" is {LogText.Quoted(member.Value.ToString())}, which does not let anybody in";
            }
        }

        return null;
    }

    private static bool IsAccess(JsonElement type)
    {
        if (type.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var name = type.GetString()!;
        return Types.Contains(name.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) ? name[MediaType.Length..] : name, StringComparer.OrdinalIgnoreCase);
    }
}
