using ClusterChat.Cluster.Tls;

namespace ClusterChat.Host;

/// <summary>The links between nodes: section <c>ClusterChat:Links</c>.</summary>
internal sealed class LinksOptions
{
    private static readonly RemoteLinkOptions Default = new();

    /// <summary>Mutual TLS.</summary>
    public LinkTlsOptions Tls { get; } = new();

    /// <summary>How long a TLS handshake may take, on either side: <see cref="RemoteLinkOptions.HandshakeTimeout"/>.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = Default.HandshakeTimeout;

    /// <summary>Connections to the port for nodes that have not proved themselves: <see cref="RemoteLinkOptions.MaxUnproved"/>.</summary>
    public int MaxUnproved { get; set; } = Default.MaxUnproved;

    /// <summary>The same of one address: <see cref="RemoteLinkOptions.MaxUnprovedPerAddress"/>.</summary>
    public int MaxUnprovedPerAddress { get; set; } = Default.MaxUnprovedPerAddress;
}
