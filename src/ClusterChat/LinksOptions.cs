namespace ClusterChat.Host;

/// <summary>The links between nodes: section <c>ClusterChat:Links</c>.</summary>
internal sealed class LinksOptions
{
    /// <summary>Mutual TLS.</summary>
    public LinkTlsOptions Tls { get; } = new();
}
