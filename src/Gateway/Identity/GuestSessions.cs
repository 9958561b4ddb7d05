using System.Buffers.Text;
using System.Security.Cryptography;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// Signs and checks guests' sessions. A session is the guest's random id and a message authentication code
/// over it, in base64url: every node of the cluster can check it, and nobody else can make one.
/// </summary>
internal sealed class GuestSessions
{
    private const int IdBytes = 16;
    private const int CodeBytes = 16;
    private readonly byte[] _key;
    private readonly Func<byte[]> _newId;

    /// <param name="clusterSecret">At least 32 bytes, the same on all nodes.</param>
    /// <param name="newId">Makes 16 random bytes.</param>
    public GuestSessions(ReadOnlySpan<byte> clusterSecret, Func<byte[]> newId)
    {
        _key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, _key, salt: [], info: "clusterchat guest session v1"u8);
        _newId = newId;
    }

    /// <summary>The guest that a session stands for; a new one where it is missing, forged or another cluster's.</summary>
    public Guest Restore(string? session)
    {
        Span<byte> bytes = stackalloc byte[IdBytes + CodeBytes];
        // Looked at before it is decoded: decoding throws on what is no base64url at all, and that comes from outside.
        if (session is { Length: <= 64 }
            && Base64Url.IsValid(session, out var length)
            && length == bytes.Length
            && Base64Url.TryDecodeFromChars(session, bytes, out _)
            && CryptographicOperations.FixedTimeEquals(bytes[IdBytes..], Code(bytes[..IdBytes])))
        {
            return new Guest(UserId(bytes[..IdBytes]), Base64Url.EncodeToString(bytes));
        }

        ReadOnlySpan<byte> id = _newId();
        id.CopyTo(bytes);
        Code(id).CopyTo(bytes[IdBytes..]);
        return new Guest(UserId(id), Base64Url.EncodeToString(bytes));
    }

    private static string UserId(ReadOnlySpan<byte> id) => "g:" + Base64Url.EncodeToString(id);

    private byte[] Code(ReadOnlySpan<byte> id) => HMACSHA256.HashData(_key, id)[..CodeBytes];
}

/// <summary>A guest.</summary>
/// <param name="User">The identity that messages and their ids belong to.</param>
/// <param name="Session">What makes the client the same guest again; in canonical base64url.</param>
internal sealed record Guest(string User, string Session);
