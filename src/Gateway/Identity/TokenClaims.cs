using System.Text;
using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Identity;

/// <summary>What a token says of its user. It is read only once the signature has been checked.</summary>
internal sealed class TokenClaims(JwtOptions options)
{
    private const int MaxUserLength = 255;

    /// <summary>What guests' identities begin with: no issuer is to make a token for one of them.</summary>
    private const string GuestPrefix = "g:";

    /// <returns>The identity, or what is wrong with the token.</returns>
    public (ClientIdentity? Identity, string? Problem) Read(JsonElement payload)
    {
        if (TokenKinds.Refuse(payload) is { } kind)
        {
            return (null, kind);
        }

        if (Text(payload, options.UserClaim) is not { Length: > 0 and <= MaxUserLength } user || user.Any(char.IsControl)
            || user.StartsWith(GuestPrefix, StringComparison.Ordinal))
        {
            return (null, $"\"{options.UserClaim}\" does not say who the user is");
        }

        if ((Name(Text(payload, options.NameClaim)) ?? Name(user)) is not { } name)
        {
            return (null, $"neither \"{options.NameClaim}\" nor \"{options.UserClaim}\" makes a name");
        }

        if (Find(payload, options.RoomsClaim) is { } rooms && List(rooms) is null)
        {
            // Taken for "none given" it would open all rooms.
            return (null, $"\"{options.RoomsClaim}\" is no list of rooms");
        }

        return (new ClientIdentity(new Member(user, name))
        {
            SessionId = SessionId(payload, "sid") ?? SessionId(payload, "jti"),
            Rooms = Find(payload, options.RoomsClaim) is { } granted ? new RoomGrant(List(granted)!) : RoomGrant.All,
            Roles = Find(payload, options.RolesClaim) is { } roles ? List(roles) ?? [] : [],
        }, null);
    }

    /// <summary>A claim by its name; where there is none, by its path, such as <c>realm_access.roles</c>.</summary>
    private static JsonElement? Find(JsonElement payload, string name)
    {
        if (payload.TryGetProperty(name, out var found))
        {
            return found;
        }

        var at = payload;
        foreach (var part in name.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>OpenID Connect Front-Channel Logout 1.0, section 3, and RFC 7519, section 4.1.7; null where nobody could name it.</summary>
    private static string? SessionId(JsonElement payload, string claim)
        => payload.TryGetProperty(claim, out var found) && found.ValueKind == JsonValueKind.String
            && found.GetString() is { Length: > 0 and <= MaxUserLength } id && !id.Any(char.IsControl) ? id : null;

    private static string? Text(JsonElement payload, string name)
        => Find(payload, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static List<string>? List(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [.. value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
        _ => null,
    };

    /// <summary>Cut to the length of a name; null where it makes none.</summary>
    private static string? Name(string? text)
    {
        if (text is null)
        {
            return null;
        }

        // Composed before it is cut, so that no letter loses its accent; a joiner at the cut has nothing left to join.
        var trimmed = text.Trim();
        var runes = (trimmed.Length > MaxUserLength || !Rules.CanBeNormalized(trimmed) ? trimmed : trimmed.Normalize()).EnumerateRunes();
        var cut = runes.Take(Rules.MaxUserNameLength)
            .Aggregate(new StringBuilder(), static (all, rune) => all.Append(rune.ToString())).ToString();
        return UserNames.Check(cut.TrimEnd('\u200c', '\u200d').Trim(), out var name) is null ? name : null;
    }
}
