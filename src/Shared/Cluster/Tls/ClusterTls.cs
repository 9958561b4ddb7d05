using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// Mutual TLS between the nodes of a cluster: both sides show a certificate that the cluster's authority has signed. Which node
/// it is for is not looked at, since nodes dial each other at addresses that no certificate can know.
/// </summary>
/// <remarks>Thread-safe. What counts is asked for anew for each connection; connections that stand are left alone.</remarks>
public sealed class ClusterTls : IDisposable
{
    private readonly INodeIdentities _identities;
    private readonly TimeProvider _clock;

    private ClusterTls(INodeIdentities identities, TimeProvider clock) => (_identities, _clock) = (identities, clock);

    /// <summary>
    /// Without any configuration: each node derives the same authority from the cluster's secret and signs itself a certificate.
    /// </summary>
    /// <remarks>
    /// A secret is rotated without a stop in three rounds over all nodes: accept the new one too, then sign with the new one and
    /// accept the old one too, then drop the old one. Each round has to be over before the next begins.
    /// </remarks>
    /// <param name="node">This node's name, for the logs of others.</param>
    /// <param name="clock">The time.</param>
    /// <param name="primary">The secret whose authority signs this node's certificate; 32 bytes or more.</param>
    /// <param name="accepted">Further secrets; certificates of their authorities are taken as well.</param>
    public static ClusterTls FromSecrets(string node, TimeProvider clock, ReadOnlySpan<byte> primary, params ReadOnlySpan<byte[]> accepted) =>
        new(new SecretIdentities(node, clock, primary, accepted), clock);

    /// <summary>With certificates of one's own, such as of cert-manager. A renewed one counts from the next connection on.</summary>
    /// <param name="files">The files. They are looked at again at each connection, once a second at most.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Told of each certificate.</param>
    /// <exception cref="ClusterTlsException">They are of no use; the message says why.</exception>
    public static ClusterTls FromFiles(ClusterTlsFiles files, TimeProvider clock, ILogger<ClusterTls> logger) =>
        new(new FileIdentities(files, check: true, clock, logger), clock);

    /// <summary>For tests: with a certificate that others refuse.</summary>
    internal static ClusterTls FromFilesUnchecked(ClusterTlsFiles files, TimeProvider clock, ILogger<ClusterTls> logger) =>
        new(new FileIdentities(files, check: false, clock, logger), clock);

    /// <summary>Lets go of the authority's key. Connections that stand go on.</summary>
    public void Dispose() => (_identities as IDisposable)?.Dispose();

    /// <summary>Goes through the handshake.</summary>
    /// <param name="stream">The connection; it is disposed of with what is returned, and on failure.</param>
    /// <param name="server">True on the side that accepted.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ClusterTlsException">The other side is not let in, or does not let this node in.</exception>
    internal async Task<SslStream> SecureAsync(Stream stream, bool server, CancellationToken cancellationToken)
    {
        var judge = new Judge();
        var secured = new SslStream(stream);
        try
        {
            var identity = _identities.Current();
            await (server
                ? secured.AuthenticateAsServerAsync(ForServer(identity, judge), cancellationToken)
                : secured.AuthenticateAsClientAsync(ForClient(identity, judge), cancellationToken));
            return secured;
        }
        catch (Exception e)
        {
            await secured.DisposeAsync();
            if (e is AuthenticationException or IOException)
                throw judge.Refusal(e) ?? Describe(e);
            throw;
        }
    }

    private SslServerAuthenticationOptions ForServer(NodeIdentity identity, Judge judge) => new()
    {
        ServerCertificateContext = identity.Context,
        ClientCertificateRequired = true,
        CertificateChainPolicy = identity.NewPolicy(_clock.GetUtcNow()),
        RemoteCertificateValidationCallback = judge.Accepts,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,

        // Each connection proves itself in full.
        AllowTlsResume = false,
    };

    private SslClientAuthenticationOptions ForClient(NodeIdentity identity, Judge judge) => new()
    {
        // Names are not compared; see the type's remarks.
        TargetHost = "clusterchat",
        ClientCertificateContext = identity.Context,
        CertificateChainPolicy = identity.NewPolicy(_clock.GetUtcNow()),
        RemoteCertificateValidationCallback = judge.Accepts,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    private static ClusterTlsException Describe(Exception e) => e is IOException
        ? new(ClusterTlsFault.BrokenOff, "it broke the TLS handshake off; it may not use TLS, and if it does, its log says why", e)
        : new(ClusterTlsFault.NotTls, $"the TLS handshake failed, so it may not use TLS: {e.GetBaseException().Message}", e);

    private sealed class Judge
    {
        private ClusterTlsFault? _fault;
        private string _reason = string.Empty;

        public ClusterTlsException? Refusal(Exception cause) => _fault is { } fault ? new(fault, _reason, cause) : null;

        public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if ((errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None)
                return true;
            (_fault, _reason) = certificate is null
                ? (ClusterTlsFault.NoCertificate, "it shows no certificate")
                : (ClusterTlsFault.Certificate, $"its certificate is not one of this cluster's (another secret or authority, or out of its time): {NodeIdentity.Describe(certificate, chain)}");
            return false;
        }
    }
}
