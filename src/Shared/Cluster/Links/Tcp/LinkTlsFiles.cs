namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The files of mutual TLS, in PEM.</summary>
/// <param name="Certificate">This node's certificate, then those between it and the authority, if any.</param>
/// <param name="Key">The certificate's private key, not encrypted.</param>
/// <param name="Authority">Who signs the certificates of this cluster's nodes, and of nobody else.</param>
public sealed record LinkTlsFiles(string Certificate, string Key, string Authority);
