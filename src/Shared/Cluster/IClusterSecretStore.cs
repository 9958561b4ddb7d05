namespace ClusterChat.Cluster;

/// <summary>
/// Where the cluster's secret is kept, so that all nodes of a cluster sign and check sessions alike.
/// </summary>
public interface IClusterSecretStore
{
    /// <summary>
    /// Returns the stored secret; where there is none, stores <paramref name="candidate"/> first. When several
    /// nodes start at once, all of them get the same one.
    /// </summary>
    /// <param name="candidate">32 random bytes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<byte[]> GetOrCreateAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken);
}
