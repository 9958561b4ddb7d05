using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterChat.Cluster.Tls;

/// <summary>What a node shows on its links and whom it takes there, at one time.</summary>
internal sealed class NodeIdentity
{
    private readonly X509ChainPolicy _policy;

    /// <param name="certificate">With its private key.</param>
    /// <param name="between">What stands between it and its authority, if anything.</param>
    /// <param name="authorities">Who is taken.</param>
    public NodeIdentity(X509Certificate2 certificate, X509Certificate2Collection between, X509Certificate2Collection authorities)
    {
        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, between, offline: true);
        _policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        _policy.CustomTrustStore.AddRange(authorities);
        _policy.ExtraStore.AddRange(between);
    }

    public X509Certificate2 Certificate { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>For one handshake: it is changed there.</summary>
    public X509ChainPolicy NewPolicy(DateTimeOffset now)
    {
        var policy = _policy.Clone();
        policy.VerificationTime = now.LocalDateTime;
        return policy;
    }

    /// <summary>Whether other nodes with the same authorities take it.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Check(DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = NewPolicy(now) };
        return chain.Build(Certificate) ? null : Describe(Certificate, chain);
    }

    /// <summary>What is wrong with a certificate, for logs.</summary>
    public static string Describe(X509Certificate certificate, X509Chain? chain)
    {
        var faults = chain?.ChainStatus.Select(s => s.Status).Distinct().ToList() ?? [];
        var detail = faults.Contains(X509ChainStatusFlags.NotTimeValid)
            ? string.Create(CultureInfo.InvariantCulture, $", valid from {certificate.GetEffectiveDateString()} to {certificate.GetExpirationDateString()}")
            : string.Empty;
        return $"{certificate.Subject} of {certificate.Issuer} ({string.Join(", ", faults)}{detail})";
    }
}
