using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// Mutual TLS on links, as <see cref="LinkOptions.Upgrade"/>: both sides show a certificate that the cluster's authority has
/// signed. Which node it is for is not looked at, since nodes dial each other at addresses that no certificate can know; who is
/// there is proved by the preamble, inside.
/// </summary>
/// <remarks>
/// The files are read again before a handshake, so a renewed certificate counts from the next connection on; links that stand
/// keep theirs. Files are compared by content: where they are mounted, their times and links tell nothing. While a new content
/// is of no use, such as in the middle of a renewal, the old one goes on.
/// </remarks>
public sealed class LinkTls
{
    /// <summary>Strangers that dial again and again are not to keep the disk busy.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly LinkTlsFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private LinkIdentity _identity;
    private long _looked;
    private string? _complaint;

    private LinkTls(LinkTlsFiles files, LinkIdentity identity, TimeProvider clock, ILogger logger)
    {
        (_files, _identity, _clock, _logger) = (files, identity, clock, logger);
        _looked = clock.GetTimestamp();
        logger.TlsLoaded(identity.Certificate.Subject, identity.Certificate.NotAfter);
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="LinkTlsException">They are of no use; the message says why.</exception>
    public static LinkTls Load(LinkTlsFiles files, TimeProvider clock, ILogger<LinkTls> logger) =>
        new(files, LinkIdentity.Create(LinkTlsText.Read(files)).Checked(), clock, logger);

    /// <summary>For tests: with a certificate that others refuse.</summary>
    internal static LinkTls LoadUnchecked(LinkTlsFiles files, TimeProvider clock, ILogger<LinkTls> logger) =>
        new(files, LinkIdentity.Create(LinkTlsText.Read(files)), clock, logger);

    /// <summary>Goes through the handshake; see <see cref="LinkStreamUpgrade"/>.</summary>
    /// <exception cref="LinkTlsException">The other side is not let in, or does not let this node in.</exception>
    public async ValueTask<Stream> UpgradeAsync(Stream stream, bool server, CancellationToken cancellationToken)
    {
        var identity = Current();
        var judge = new Judge();
        var secured = new SslStream(stream);
        try
        {
            await (server
                ? secured.AuthenticateAsServerAsync(ForServer(identity, judge), cancellationToken)
                : secured.AuthenticateAsClientAsync(ForClient(identity, judge), cancellationToken));
            return secured;
        }
        catch (Exception e)
        {
            await secured.DisposeAsync();
            if (e is AuthenticationException or IOException)
                throw new LinkTlsException(judge.Refusal ?? Describe(e, server), e);
            throw;
        }
    }

    private static SslServerAuthenticationOptions ForServer(LinkIdentity identity, Judge judge) => new()
    {
        ServerCertificateContext = identity.Context,
        ClientCertificateRequired = true,
        CertificateChainPolicy = identity.NewPolicy(),
        RemoteCertificateValidationCallback = judge.Accepts,
        AllowRenegotiation = false,

        // Each connection proves itself in full.
        AllowTlsResume = false,
    };

    private static SslClientAuthenticationOptions ForClient(LinkIdentity identity, Judge judge) => new()
    {
        // Names are not compared; see the type's remarks.
        TargetHost = "clusterchat",
        ClientCertificateContext = identity.Context,
        CertificateChainPolicy = identity.NewPolicy(),
        RemoteCertificateValidationCallback = judge.Accepts,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    private static string Describe(Exception e, bool server) => e is IOException
        ? server
            ? "it broke the TLS handshake off; its log says whether it refused this node's certificate"
            : "it broke the TLS handshake off; it may not use TLS"
        : $"the TLS handshake failed, so it may not use TLS: {e.GetBaseException().Message}";

    private LinkIdentity Current()
    {
        lock (_lock)
        {
            if (_clock.GetElapsedTime(_looked) < LookEvery)
                return _identity;
            _looked = _clock.GetTimestamp();
            try
            {
                var text = LinkTlsText.Read(_files);
                if (text != _identity.Source)
                {
                    _identity = LinkIdentity.Create(text).Checked();
                    _logger.TlsLoaded(_identity.Certificate.Subject, _identity.Certificate.NotAfter);
                }

                _complaint = null;
            }
            catch (LinkTlsException e)
            {
                if (e.Message != _complaint)
                    _logger.TlsNotReloaded(e.Message);
                _complaint = e.Message;
            }

            return _identity;
        }
    }

    private sealed class Judge
    {
        public string? Refusal { get; private set; }

        public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if ((errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None)
                return true;
            Refusal = certificate is null
                ? "it shows no certificate"
                : $"its certificate is not one of this cluster's: {LinkIdentity.Describe(certificate, chain)}";
            return false;
        }
    }
}
