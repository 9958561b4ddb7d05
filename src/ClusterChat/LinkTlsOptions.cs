using ClusterChat.Cluster.Tls;

namespace ClusterChat.Host;

/// <summary>
/// Certificates of one's own for the links between nodes: section <c>ClusterChat:Links:Tls</c>. All three, or none: nodes then sign their own, by the
/// cluster's secret. The files are read again when they have changed.
/// </summary>
internal sealed class LinkTlsOptions
{
    /// <summary>A PEM file: this node's certificate, then those between it and the authority, if any.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file: the certificate's private key, not encrypted.</summary>
    public string? Key { get; set; }

    /// <summary>A PEM file: who signs the nodes' certificates. Whoever has one of them is taken for a node.</summary>
    public string? Authority { get; set; }

    /// <summary>The files; null where any of them is not named.</summary>
    internal ClusterTlsFiles? Files => Certificate is { } certificate && Key is { } key && Authority is { } authority
        ? new ClusterTlsFiles(certificate, key, authority)
        : null;
}
