namespace ClusterChat.Cluster.Tls;

/// <summary>The files of certificates of one's own, in PEM.</summary>
/// <param name="Certificate">This node's certificate, then those between it and the authority, if any.</param>
/// <param name="Key">The certificate's private key, not encrypted.</param>
/// <param name="Authority">
/// Who signs the certificates of this cluster's nodes, and of nobody else. Several while one takes another's place.
/// </param>
public sealed record ClusterTlsFiles(string Certificate, string Key, string Authority);
