using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>Certificates of one's own. The files are read again before a handshake.</summary>
/// <remarks>
/// Files are compared by content: where they are mounted, their times and links tell nothing. While a new content is of no use,
/// such as in the middle of a renewal, the old one goes on.
/// </remarks>
internal sealed class FileIdentities : INodeIdentities
{
    /// <summary>Strangers that dial again and again are not to keep the disk busy.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ClusterTlsFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private ClusterTlsText _text;
    private NodeIdentity _identity;
    private long _looked;
    private string? _complaint;

    /// <param name="files">The files.</param>
    /// <param name="check">Whether a certificate that the others would refuse is refused at once.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Told of each certificate.</param>
    /// <exception cref="ClusterTlsException">The files are of no use; the message says why.</exception>
    public FileIdentities(ClusterTlsFiles files, bool check, TimeProvider clock, ILogger logger)
    {
        (_files, _clock, _logger) = (files, clock, logger);
        _text = ClusterTlsText.Read(files);
        _identity = Create(_text, check);
        _looked = clock.GetTimestamp();
        logger.TlsLoaded(_identity.Certificate.Subject, _identity.Certificate.NotAfter);
    }

    public NodeIdentity Current()
    {
        lock (_lock)
        {
            if (_clock.GetElapsedTime(_looked) < LookEvery)
                return _identity;
            _looked = _clock.GetTimestamp();
            try
            {
                Look();
                _complaint = null;
            }
            catch (ClusterTlsException e)
            {
                if (e.Message != _complaint)
                    _logger.TlsNotReloaded(e.Message);
                _complaint = e.Message;
            }

            return _identity;
        }
    }

    private void Look()
    {
        var text = ClusterTlsText.Read(_files);
        if (text == _text)
            return;
        _identity = Create(text, check: true);
        _text = text;
        _logger.TlsLoaded(_identity.Certificate.Subject, _identity.Certificate.NotAfter);
    }

    private NodeIdentity Create(ClusterTlsText text, bool check)
    {
        var authorities = Certificates(text.Authority, _files.Authority);
        var between = Certificates(text.Certificate, _files.Certificate);
        between.RemoveAt(0);
        var identity = new NodeIdentity(Own(text), between, authorities);
        return check && identity.Check(_clock.GetUtcNow()) is { } fault
            ? throw Useless($"the certificate in {_files.Certificate} would be refused by the other nodes: {fault}")
            : identity;
    }

    private static X509Certificate2 Own(ClusterTlsText text)
    {
        try
        {
            return SecretAuthority.UsableKey(X509Certificate2.CreateFromPem(text.Certificate, text.Key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Useless($"the key in {text.Files.Key} is none for the certificate in {text.Files.Certificate}: {e.Message}", e);
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
            throw Useless($"{file} cannot be read: {e.Message}", e);
        }

        return all.Count > 0 ? all : throw Useless($"there is no certificate in {file}");
    }

    private static ClusterTlsException Useless(string message, Exception? cause = null) => new(ClusterTlsFault.Files, message, cause);
}
