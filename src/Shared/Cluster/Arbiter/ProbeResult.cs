namespace ClusterChat.Cluster.Arbiter;

/// <summary>What came of a dial.</summary>
public enum ProbeResult
{
    /// <summary>Its machine answers that nobody listens there: the process is gone, or has closed its remoting for good.</summary>
    Refused,

    /// <summary>
    /// The connection stands. Proves little: the kernel accepts for a process that is frozen, and another process may have the address by now.
    /// </summary>
    Connected,

    /// <summary>No answer in time, no route, no such host. Proves nothing: the network may be cut on this side.</summary>
    Silent,
}
