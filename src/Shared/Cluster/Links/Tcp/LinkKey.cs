using System.Security.Cryptography;
using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// Proves knowledge of the cluster's secret: HMAC-SHA256 under a key derived from it with HKDF (RFC 5869), over a label
/// of the side that proves, the bytes of Hello and the bytes of Terms.
/// </summary>
/// <remarks>
/// Both contain 32 random bytes of their side and its identity, so a proof is good for one preamble between two nodes.
/// The labels differ, so a proof cannot be played back to the one who made it.
/// </remarks>
internal sealed class LinkKey
{
    public const int NonceBytes = 32;
    private readonly byte[] _key = new byte[32];

    /// <param name="clusterSecret">At least 32 bytes, the same on all nodes.</param>
    public LinkKey(ReadOnlySpan<byte> clusterSecret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clusterSecret.Length, 32, nameof(clusterSecret));
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, _key, salt: [], info: "clusterchat links v1"u8);
    }

    public static ByteString NewNonce() => UnsafeByteOperations.UnsafeWrap(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The proof of one side.</summary>
    /// <param name="accepter">Which side proves.</param>
    /// <param name="hello">The bytes of the dialler's Hello.</param>
    /// <param name="terms">The bytes of the accepter's Terms.</param>
    public byte[] Prove(bool accepter, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> terms)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(accepter ? "accepter"u8 : "dialler"u8);
        Span<byte> length = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, hello.Length);
        mac.AppendData(length);
        mac.AppendData(hello);
        mac.AppendData(terms);
        return mac.GetHashAndReset();
    }

    /// <summary>Checks a proof of the other side in constant time.</summary>
    /// <inheritdoc cref="Prove"/>
    public bool Check(ReadOnlySpan<byte> proof, bool accepter, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> terms) =>
        CryptographicOperations.FixedTimeEquals(proof, Prove(accepter, hello, terms));
}
