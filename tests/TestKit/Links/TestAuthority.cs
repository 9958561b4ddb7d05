using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.TestKit;

/// <summary>Signs certificates of nodes, and writes them to files of a folder of its own.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-ca-").FullName;
    private readonly X509Certificate2 _certificate;

    /// <param name="name">Its name.</param>
    public TestAuthority(string name = "the cluster's authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), _certificate.ExportCertificatePem());
    }

    /// <summary>Writes a certificate and its key; into the same files again for the same node.</summary>
    /// <param name="node">Whose it is.</param>
    /// <param name="expired">Whether it is over already.</param>
    public LinkTlsFiles Issue(string node, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var from = DateTimeOffset.UnixEpoch.AddYears(41);
        using var signed = request.Create(_certificate, from, from.AddYears(expired ? 1 : 150), RandomNumberGenerator.GetBytes(8));
        var files = new LinkTlsFiles(Path.Combine(_folder, node + ".pem"), Path.Combine(_folder, node + ".key"), Path.Combine(_folder, "ca.pem"));
        File.WriteAllText(files.Certificate, signed.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
