using System.Security.Cryptography;
using System.Text;

namespace ClusterChat.Gateway.Identity;

/// <summary>Checks <see cref="AuthOptions"/> before anything starts. No problem repeats a secret.</summary>
public static class AuthRules
{
    // RFC 7518, section 3.2: as long as the hash at least.
    private const int MinSecretBytes = 32;

    /// <summary>What is wrong, each with the key below the section.</summary>
    public static IEnumerable<(string Key, string Problem)> Check(AuthOptions options)
    {
        if (options.Mode is not (AuthOptions.Guest or AuthOptions.Token))
        {
            yield return ("Mode", $"must be {AuthOptions.Guest} or {AuthOptions.Token}, is \"{options.Mode}\"");
        }

        var jwt = options.Jwt;
        (string Key, string? Value)[] sources =
        [
            ("Secret", jwt.Secret), ("SecretFile", jwt.SecretFile), ("PublicKeyFile", jwt.PublicKeyFile), ("Authority", jwt.Authority),
        ];
        var given = sources.Where(s => !string.IsNullOrEmpty(s.Value)).Select(s => s.Key).ToArray();
        if (!options.NeedsToken())
        {
            if (given.Length > 0)
            {
                yield return ($"Jwt:{given[0]}", $"needs Mode \"{AuthOptions.Token}\": without it, everybody is let in");
            }

            yield break;
        }

        if (given.Length != 1)
        {
            yield return ("Jwt", "needs exactly one of Secret, SecretFile, PublicKeyFile and Authority"
                + (given.Length == 0 ? string.Empty : $", has {string.Join(" and ", given)}"));
        }
        else if (KeyProblem(jwt) is { } problem)
        {
            yield return ($"Jwt:{given[0]}", problem);
        }

        (string Key, string Name)[] claims =
        [
            ("UserClaim", jwt.UserClaim), ("NameClaim", jwt.NameClaim), ("RolesClaim", jwt.RolesClaim), ("RoomsClaim", jwt.RoomsClaim),
        ];
        foreach (var (key, _) in claims.Where(c => string.IsNullOrWhiteSpace(c.Name)))
        {
            yield return ($"Jwt:{key}", "must name a claim");
        }
    }

    /// <summary>The secret's bytes.</summary>
    /// <exception cref="ArgumentException">It is too short, or a placeholder.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    internal static byte[] Secret(JwtOptions options)
    {
        var text = string.IsNullOrEmpty(options.Secret) ? File.ReadAllText(options.SecretFile!).TrimEnd('\r', '\n') : options.Secret;
        if (PlaceholderSecrets.Check(text) is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var secret = Encoding.UTF8.GetBytes(text);
        return secret.Length >= MinSecretBytes
            ? secret
            : throw new ArgumentException($"must have at least {MinSecretBytes} bytes, has {secret.Length}", nameof(options));
    }

    /// <summary>The address of an authority's discovery document.</summary>
    internal static Uri? DiscoveryAddress(string authority)
        => Uri.TryCreate(authority.TrimEnd('/') + "/.well-known/openid-configuration", UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? address
            : null;

    private static string? KeyProblem(JwtOptions options)
    {
        try
        {
            if (!string.IsNullOrEmpty(options.Authority))
            {
                return DiscoveryAddress(options.Authority) is null
                    ? $"must be an address with https (or http on this machine), is \"{options.Authority}\""
                    : null;
            }

            StaticKey.Load(options);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            return error is ArgumentException { ParamName: nameof(options) }
                ? error.Message.Replace(" (Parameter 'options')", string.Empty, StringComparison.Ordinal)
                : "must be a PEM file with one public key, RSA or elliptic curve";
        }
    }
}
