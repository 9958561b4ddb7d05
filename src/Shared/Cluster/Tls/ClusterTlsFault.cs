namespace ClusterChat.Cluster.Tls;

/// <summary>Why two nodes do not come together, or why a certificate is of no use. One line of the log a minute is for each.</summary>
public enum ClusterTlsFault
{
    /// <summary>This node's own files are of no use.</summary>
    Files,

    /// <summary>The other side's certificate is of another authority (another secret), or out of its time.</summary>
    Certificate,

    /// <summary>The other side shows no certificate.</summary>
    NoCertificate,

    /// <summary>The other side ended the connection without a byte: it only wanted to know whether somebody is here, as a probe does.</summary>
    Probe,

    /// <summary>What the other side says is not TLS.</summary>
    NotTls,

    /// <summary>The other side ended the connection, before or after it saw this node's certificate.</summary>
    BrokenOff,

    /// <summary>The other side frames its messages in another way: it is of another version.</summary>
    Version,

    /// <summary>Nothing was heard in time.</summary>
    Silence,

    /// <summary>Too many connections that have not proved themselves at the same time.</summary>
    TooMany,
}
