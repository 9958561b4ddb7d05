namespace ClusterChat.Cluster.Tls;

/// <summary>A certificate is of no use, or the other side of a connection does not come in. The message is for the log.</summary>
public sealed class ClusterTlsException : Exception
{
    /// <param name="fault">What kind of reason it is.</param>
    /// <param name="message">The reason, to stand after a colon.</param>
    /// <param name="cause">What was behind it.</param>
    public ClusterTlsException(ClusterTlsFault fault, string message, Exception? cause = null)
        : base(message, cause) => Fault = fault;

    /// <summary>What kind of reason it is.</summary>
    public ClusterTlsFault Fault { get; }
}
