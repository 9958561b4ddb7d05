namespace ClusterChat.Cluster.Arbiter;

/// <summary>Finds out whether anybody listens at a node's address. The only evidence there is that a process is gone.</summary>
public interface INodeProbe
{
    /// <summary>Dials once. Takes a bounded, short time, and does not throw but for the token.</summary>
    /// <param name="address"><c>host:port</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ProbeResult> DialAsync(string address, CancellationToken cancellationToken);
}
