using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// A key that checks signatures, with the algorithms that belong to its kind. A token does not get to choose: an RSA key is
/// never taken for the secret of an HMAC, whatever the token's header says.
/// </summary>
internal sealed record TokenKey(SecurityKey Key, IReadOnlyList<string> Algorithms)
{
    /// <summary>Shorter RSA keys can be factored. NIST SP 800-131A.</summary>
    private const int MinRsaBits = 2048;

    /// <summary>The key with its algorithms; null for a kind that is not taken from outside.</summary>
    public static TokenKey? OfPublic(SecurityKey key) => key switch
    {
        RsaSecurityKey or JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA } => key.KeySize < MinRsaBits ? null : new(key,
        [
            SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
            SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        ]),
        ECDsaSecurityKey or JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } => key.KeySize switch
        {
            256 => new(key, [SecurityAlgorithms.EcdsaSha256]),
            384 => new(key, [SecurityAlgorithms.EcdsaSha384]),
            521 => new(key, [SecurityAlgorithms.EcdsaSha512]),
            _ => null,
        },
        _ => null,
    };

    public static TokenKey OfSecret(byte[] secret) => new(new SymmetricSecurityKey(secret), [SecurityAlgorithms.HmacSha256]);
}
