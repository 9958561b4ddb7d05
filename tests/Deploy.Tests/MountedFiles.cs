using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterChat.Deploy.Tests;

/// <summary>What an operator, or cert-manager, mounts into a pod below <c>/etc/clusterchat</c>, in a folder of this machine.</summary>
internal sealed class MountedFiles : IDisposable
{
    private const string Mounts = "/etc/clusterchat/";

    public MountedFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=clusterchat", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        Write("database/password", "secret\n");
        Write("database/ca.crt", certificate.ExportCertificatePem());
        Write("keys/jwt.pem", key.ExportSubjectPublicKeyInfoPem());
        Write("keys/admin", $"operator:{Convert.ToHexStringLower(SHA256.HashData("key"u8))}\n");
        Write("links/tls.crt", certificate.ExportCertificatePem());
        Write("links/tls.key", key.ExportPkcs8PrivateKeyPem());
        Write("links/ca.crt", certificate.ExportCertificatePem());
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("clusterchat-mounts-").FullName;

    /// <summary>An environment in which the files are here instead of where a pod has them.</summary>
    public Dictionary<string, string> Here(IReadOnlyDictionary<string, string> environment) => environment.ToDictionary(
        p => p.Key,
        p => p.Value.Replace(Mounts, Folder + "/", StringComparison.Ordinal).Replace("/run/secrets/database-password", Folder + "/database/password", StringComparison.Ordinal),
        StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Write(string name, string text)
    {
        var file = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
