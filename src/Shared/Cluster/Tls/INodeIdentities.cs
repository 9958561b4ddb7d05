namespace ClusterChat.Cluster.Tls;

/// <summary>Where the certificate of the next connection comes from. Thread-safe.</summary>
internal interface INodeIdentities
{
    /// <summary>
    /// What counts from now on. Asked before each handshake, so that a renewed certificate is shown on the next connection;
    /// connections that stand keep theirs. An earlier one may still be in use and is left to the garbage collector.
    /// </summary>
    NodeIdentity Current();
}
