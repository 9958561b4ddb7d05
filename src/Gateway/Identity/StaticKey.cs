using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Identity;

/// <summary>The one key of the configuration. What id a token names for it does not matter.</summary>
internal sealed class StaticKey(TokenKey key) : ITokenKeys
{
    /// <summary>Reads the key.</summary>
    /// <exception cref="ArgumentException">It is not fit; of the parameter <c>options</c> where the message says why.</exception>
    /// <exception cref="CryptographicException">The file is no key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public static StaticKey Load(JwtOptions options) => new(
        string.IsNullOrEmpty(options.PublicKeyFile)
            ? TokenKey.OfSecret(AuthRules.Secret(options))
            : TokenKey.OfPublic(ReadPem(File.ReadAllText(options.PublicKeyFile), options))
                ?? throw new ArgumentException("must be an RSA key of at least 2048 bits, or one on the curve P-256, P-384 or P-521", nameof(options)));

    public ValueTask<KeyLookup> FindAsync(string? id, CancellationToken cancellationToken) => new(new KeyLookup(key));

    private static AsymmetricSecurityKey ReadPem(string pem, JwtOptions options)
    {
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new ArgumentException("holds a private key: a gateway needs the public one only, and must not be able to sign", nameof(options));
        }

        // The label PUBLIC KEY does not say which kind it is.
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            var curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
    }
}
