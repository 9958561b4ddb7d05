using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Host;

/// <summary>
/// Mutual TLS on the links between nodes: section <c>ClusterChat:Links:Tls</c>. All three, or none for links without TLS. The
/// files are read again when they have changed.
/// </summary>
internal sealed class LinkTlsOptions
{
    /// <summary>A PEM file: this node's certificate, then those between it and the authority, if any.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file: the certificate's private key, not encrypted.</summary>
    public string? Key { get; set; }

    /// <summary>A PEM file: who signs the nodes' certificates. Whoever has one of them gets as far as the secret's proof.</summary>
    public string? Authority { get; set; }

    /// <summary>The files; null where any of them is not named.</summary>
    internal LinkTlsFiles? Files => Certificate is { } certificate && Key is { } key && Authority is { } authority
        ? new LinkTlsFiles(certificate, key, authority)
        : null;
}
