using System.Buffers.Text;
using System.Security.Cryptography;

namespace ClusterChat.Storage;

/// <summary>The names of logs: random, so that no two histories are ever taken for one, and fit for a URL.</summary>
internal static class LogNames
{
    // 9 bytes are 12 characters of Base64, without padding.
    private const int Bytes = 9;

    public static string New()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
