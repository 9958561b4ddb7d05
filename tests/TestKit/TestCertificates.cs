using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterChat.Cluster.Tls;

namespace ClusterChat.TestKit;

/// <summary>An authority that signs certificates of nodes and writes them to files of a folder of its own.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset From = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-tls-").FullName;
    private readonly X509Certificate2 _certificate;

    public TestCertificates(string name = "the cluster's authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(From, From.AddYears(100));
        File.WriteAllText(AuthorityFile, Pem);
    }

    public string AuthorityFile => Path.Combine(_folder, "ca.pem");

    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Writes a certificate and its key; into the same files again for the same node.</summary>
    public ClusterTlsFiles Issue(string node, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var signed = request.Create(_certificate, From, From.AddYears(expired ? 1 : 80), RandomNumberGenerator.GetBytes(8));
        var files = new ClusterTlsFiles(Path.Combine(_folder, node + ".pem"), Path.Combine(_folder, node + ".key"), AuthorityFile);
        File.WriteAllText(files.Certificate, signed.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
