using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ClusterChat.TestKit.Identity;

/// <summary>JSON Web Tokens made by hand, so that they can be made wrong in every way.</summary>
public static class TestTokens
{
    /// <summary>A secret of 32 bytes.</summary>
    public const string Secret = "0123456789abcdef0123456789abcdef";

    /// <summary>Claims of a user, with an end.</summary>
    public static JsonObject Claims(string user, DateTimeOffset expires) => new()
    {
        ["sub"] = user,
        ["exp"] = expires.ToUnixTimeSeconds(),
    };

    /// <summary>A token signed with HMAC-SHA256.</summary>
    public static string Hs256(JsonObject claims, byte[]? secret = null, string algorithm = "HS256", string? kid = null)
        => Make(algorithm, kid, claims, data => HMACSHA256.HashData(secret ?? Encoding.UTF8.GetBytes(Secret), data));

    /// <summary>A token signed with RSA and SHA-256.</summary>
    public static string Rs256(JsonObject claims, RSA key, string? kid = null, string algorithm = "RS256")
        => Make(algorithm, kid, claims, data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>A token signed with ECDSA and SHA-256.</summary>
    public static string Es256(JsonObject claims, ECDsa key, string? kid = null)
        => Make("ES256", kid, claims, data => key.SignData(data, HashAlgorithmName.SHA256));

    /// <summary>A token with any header and any signature.</summary>
    public static string Make(string algorithm, string? kid, JsonObject claims, Func<byte[], byte[]> sign, JsonObject? headers = null)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        foreach (var (name, value) in headers ?? [])
            header[name] = value?.DeepClone();
        if (kid is not null)
            header["kid"] = kid;
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
