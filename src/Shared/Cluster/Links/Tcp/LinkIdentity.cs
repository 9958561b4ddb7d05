using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>What a node shows on its links, and whom it takes there: the content of <see cref="LinkTlsFiles"/> at one time.</summary>
internal sealed class LinkIdentity
{
    private readonly X509ChainPolicy _policy;

    private LinkIdentity(LinkTlsText source, X509Certificate2 certificate, X509Certificate2Collection between, X509Certificate2Collection authority)
    {
        Source = source;
        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, between, offline: true);
        _policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        _policy.CustomTrustStore.AddRange(authority);
        _policy.ExtraStore.AddRange(between);
    }

    /// <summary>What it was made of.</summary>
    public LinkTlsText Source { get; }

    public X509Certificate2 Certificate { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>For one handshake: it is changed there.</summary>
    public X509ChainPolicy NewPolicy() => _policy.Clone();

    /// <exception cref="LinkTlsException">It is of no use; the message says why, and in which file.</exception>
    public static LinkIdentity Create(LinkTlsText text)
    {
        var files = text.Files;
        var authority = Certificates(text.Authority, files.Authority);
        var between = Certificates(text.Certificate, files.Certificate);
        between.RemoveAt(0);
        return new LinkIdentity(text, Own(text), between, authority);
    }

    /// <summary>Itself, if other nodes with the same authority will take it.</summary>
    /// <exception cref="LinkTlsException">They will not; the message says why.</exception>
    public LinkIdentity Checked()
    {
        using var chain = new X509Chain { ChainPolicy = NewPolicy() };
        return chain.Build(Certificate)
            ? this
            : throw new LinkTlsException($"the certificate in {Source.Files.Certificate} would be refused by the other nodes: {Describe(Certificate, chain)}");
    }

    /// <summary>What is wrong with a certificate, for logs.</summary>
    public static string Describe(X509Certificate certificate, X509Chain? chain)
    {
        var faults = chain?.ChainStatus.Select(s => s.Status).Distinct().ToList() ?? [];
        var detail = faults.Contains(X509ChainStatusFlags.NotTimeValid)
            ? string.Create(CultureInfo.InvariantCulture, $", valid from {certificate.GetEffectiveDateString()} to {certificate.GetExpirationDateString()}")
            : string.Empty;
        return $"{certificate.Subject} ({string.Join(", ", faults)}{detail})";
    }

    private static X509Certificate2 Own(LinkTlsText text)
    {
        try
        {
            return X509Certificate2.CreateFromPem(text.Certificate, text.Key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new LinkTlsException($"the key in {text.Files.Key} is none for the certificate in {text.Files.Certificate}: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection Certificates(string pem, string file)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new LinkTlsException($"{file} cannot be read: {e.Message}", e);
        }

        return all.Count > 0 ? all : throw new LinkTlsException($"there is no certificate in {file}");
    }
}
