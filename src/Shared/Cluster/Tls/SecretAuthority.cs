using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// The authority that follows from a cluster's secret: a P-256 key by HKDF (RFC 5869), the same on every node that knows the
/// secret. Its certificate is signed anew on each node; only its key and name are compared.
/// </summary>
/// <remarks>
/// Every node holds the authority's key. A certificate of it proves that somebody knows the secret, not which node it is.
/// </remarks>
internal sealed class SecretAuthority : IDisposable
{
    public const int SecretBytes = 32;

    // 2^256 - 2^224 + 2^192 + 2^96 - ..., the order of P-256 (FIPS 186-4, D.1.2.3).
    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    // It has no end of its own (RFC 5280, 4.1.2.5): the secret's rotation ends it.
    private static readonly DateTimeOffset From = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <param name="secret">At least 32 bytes.</param>
    public SecretAuthority(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, SecretBytes, nameof(secret));
        using var key = DeriveKey(secret);

        // The name tells secrets apart, in logs and in the search for the issuer while two are accepted.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 4));
        var request = new CertificateRequest($"CN=ClusterChat secret {fingerprint}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Certificate = request.CreateSelfSigned(From, Until);
    }

    /// <summary>With the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A certificate with a key of its own, for both sides of a connection.</summary>
    /// <param name="node">Its name, for the other side's log.</param>
    /// <param name="from">Valid from.</param>
    /// <param name="until">Valid until.</param>
    public X509Certificate2 Issue(string node, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(node);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var signed = request.Create(Certificate, from, until, RandomNumberGenerator.GetBytes(16));
        return UsableKey(signed.CopyWithPrivateKey(key));
    }

    public void Dispose() => Certificate.Dispose();

    /// <summary>Windows takes no key for TLS that lives in memory only.</summary>
    public static X509Certificate2 UsableKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    /// <remarks>48 bytes reduced modulo the order less one: what is left of a bias is below 2^-128 (FIPS 186-4, B.4.1).</remarks>
    private static ECDsa DeriveKey(ReadOnlySpan<byte> secret)
    {
        Span<byte> wide = stackalloc byte[48];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, wide, salt: [], info: "clusterchat node authority v1"u8);
        var scalar = (new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        var d = new byte[32];
        var bytes = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(d, d.Length - bytes.Length);
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(wide);
        }
    }
}
