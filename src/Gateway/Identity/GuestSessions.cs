using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// Signs and checks guests' sessions. A session is the guest's random id, the time at which it was given out (Unix time in seconds), and a
/// message authentication code over both, in base64url: every node of the cluster can check it, and nobody else can make one.
/// </summary>
internal sealed class GuestSessions
{
    private const int IdBytes = 16;
    private const int TimeBytes = sizeof(uint);
    private const int SaidBytes = IdBytes + TimeBytes;
    private const int CodeBytes = 16;
    private readonly byte[] _key;
    private readonly Func<byte[]> _newId;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _age;

    /// <param name="clusterSecret">At least 32 bytes, the same on all nodes.</param>
    /// <param name="newId">Makes 16 random bytes.</param>
    /// <param name="clock">The clock. Those of the nodes may differ, by less than the age.</param>
    /// <param name="age">How long a session is good for that is not shown meanwhile.</param>
    public GuestSessions(ReadOnlySpan<byte> clusterSecret, Func<byte[]> newId, TimeProvider clock, TimeSpan age)
    {
        _key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, _key, salt: [], info: "clusterchat guest session v2"u8);
        _newId = newId;
        _clock = clock;
        _age = age;
    }

    /// <summary>The guest that a session stands for; a new one where it is missing, forged, too old or another cluster's.</summary>
    public Guest Restore(string? session) => Restore(session, out _);

    /// <summary>
    /// The same. A session is replaced once half of its age is over: who comes back within that time stays the same guest for ever, and
    /// who comes often keeps the same session.
    /// </summary>
    /// <param name="session">What the client shows.</param>
    /// <param name="isNew">Whether it stands for nobody.</param>
    public Guest Restore(string? session, out bool isNew)
    {
        Span<byte> bytes = stackalloc byte[SaidBytes + CodeBytes];
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();

        // Looked at before it is decoded: decoding throws on what is no base64url at all, and that comes from outside.
        if (session is { Length: <= 64 }
            && Base64Url.IsValid(session, out var length)
            && length == bytes.Length
            && Base64Url.TryDecodeFromChars(session, bytes, out _)
            && CryptographicOperations.FixedTimeEquals(bytes[SaidBytes..], Code(bytes[..SaidBytes])))
        {
            var age = TimeSpan.FromSeconds(now - BinaryPrimitives.ReadUInt32BigEndian(bytes[IdBytes..]));
            if (age < _age)
            {
                isNew = false;
                return age < _age / 2 ? Sealed(bytes) : Issue(bytes, now);
            }
        }

        isNew = true;
        _newId().CopyTo(bytes);
        return Issue(bytes, now);
    }

    private Guest Issue(Span<byte> bytes, long now)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes[IdBytes..], (uint)now);
        Code(bytes[..SaidBytes]).CopyTo(bytes[SaidBytes..]);
        return Sealed(bytes);
    }

    private static Guest Sealed(ReadOnlySpan<byte> bytes)
        => new("g:" + Base64Url.EncodeToString(bytes[..IdBytes]), Base64Url.EncodeToString(bytes));

    private byte[] Code(ReadOnlySpan<byte> said) => HMACSHA256.HashData(_key, said)[..CodeBytes];
}

/// <summary>A guest.</summary>
/// <param name="User">The identity that messages and their ids belong to.</param>
/// <param name="Session">What makes the client the same guest again; in canonical base64url.</param>
internal sealed record Guest(string User, string Session);
