using System.ComponentModel;

namespace ClusterChat.Gateway.Identity;

/// <summary>What a JSON Web Token must be like. Exactly one of the first four says who signs it.</summary>
public sealed class JwtOptions
{
    /// <summary>A secret of at least 32 bytes in UTF-8, for tokens signed with HS256. Never log it.</summary>
    [PasswordPropertyText(true)]
    public string? Secret { get; set; }

    /// <summary>A file with such a secret; line breaks at its end do not count.</summary>
    public string? SecretFile { get; set; }

    /// <summary>A PEM file with a public key: RSA for RS256 to PS512, an elliptic curve for ES256 to ES512.</summary>
    public string? PublicKeyFile { get; set; }

    /// <summary>The address of an OpenID Connect issuer, whose keys are found and followed by discovery.</summary>
    public string? Authority { get; set; }

    /// <summary>What <c>iss</c> must be; null for what the authority says, and without one for anything.</summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must be, or have among others; null for anything.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim with the user's id, by which messages belong to it. It never changes, whatever the name does.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The claim with the name that others see; where it is missing, the user's id is shown.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>The claim with the user's roles: a list, or a text with blanks between.</summary>
    public string RolesClaim { get; set; } = "roles";

    /// <summary>The claim with the rooms that the user may enter, see as exact names and prefixes such as <c>team-*</c>; where it is missing, all.</summary>
    public string RoomsClaim { get; set; } = "rooms";

    /// <summary>How far the clocks of issuer and gateway may be apart. Twice what synchronized clocks show, and short beside a token's life.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);
}
