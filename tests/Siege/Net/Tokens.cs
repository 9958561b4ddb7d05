using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClusterChat.Siege.Net;

/// <summary>JSON Web Tokens for honest clients of a node that asks for them (HS256).</summary>
/// <param name="secret">The node's <c>Auth:Jwt:Secret</c>.</param>
internal sealed class Tokens(string secret)
{
    /// <summary>A token that is good for an hour.</summary>
    public string Make(string user)
    {
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var text = Encode("""{"alg":"HS256","typ":"JWT"}""") + "." + Encode($$"""{"sub":"{{user}}","name":"{{user}}","exp":{{expires}}}""");
        return text + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
