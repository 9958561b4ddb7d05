using System.Security.Cryptography.X509Certificates;

namespace ClusterChat.Cluster.Tls;

/// <summary>Certificates that a node signs itself, with the authorities of the cluster's secrets.</summary>
internal sealed class SecretIdentities : INodeIdentities, IDisposable
{
    /// <summary>
    /// A copied certificate and key are good for that long. 7 days, and a new one each day: a node that has slept over a long
    /// weekend is taken as soon as it dials again, since it signs itself a new one first.
    /// </summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromDays(1);

    /// <summary>How far the clocks of two nodes may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromDays(1);

    private readonly string _node;
    private readonly SecretAuthority _own;
    private readonly X509Certificate2Collection _accepted = [];
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private NodeIdentity _identity;
    private DateTimeOffset _issued;

    /// <param name="node">The node's name.</param>
    /// <param name="clock">The time.</param>
    /// <param name="primary">The secret whose authority signs.</param>
    /// <param name="accepted">Further ones whose certificates are taken.</param>
    public SecretIdentities(string node, TimeProvider clock, ReadOnlySpan<byte> primary, ReadOnlySpan<byte[]> accepted)
    {
        (_node, _clock) = (node, clock);
        _own = new SecretAuthority(primary);
        Accept(_own.Certificate);
        foreach (var secret in accepted)
        {
            using var authority = new SecretAuthority(secret);
            Accept(authority.Certificate);
        }

        _identity = Issue(clock.GetUtcNow());
    }

    public NodeIdentity Current()
    {
        lock (_lock)
        {
            // Also when the clock was set back behind the certificate's time.
            var now = _clock.GetUtcNow();
            if ((now - _issued).Duration() >= RenewAfter)
                _identity = Issue(now);
            return _identity;
        }
    }

    public void Dispose() => _own.Dispose();

    private NodeIdentity Issue(DateTimeOffset now)
    {
        _issued = now;
        return new NodeIdentity(_own.Issue(_node, now - Skew, now + Life), [], _accepted);
    }

    private void Accept(X509Certificate2 authority) => _accepted.Add(X509CertificateLoader.LoadCertificate(authority.RawData));
}
