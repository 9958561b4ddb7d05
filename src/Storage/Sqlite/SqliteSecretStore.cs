using ClusterChat.Cluster;

namespace ClusterChat.Storage.Sqlite;

/// <summary>Keeps the cluster's secret in <c>cluster.db</c>, beside the journal's file, with mode 0600.</summary>
public sealed class SqliteSecretStore(SqliteStorageOptions options) : IClusterSecretStore
{
    internal const string FileName = "cluster.db";

    private const int SecretBytes = 32;

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The candidate is not 32 bytes long.</exception>
    /// <exception cref="StorageStartException">The file cannot be used, or what it holds is no secret.</exception>
    public async ValueTask<byte[]> GetOrCreateAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken)
    {
        if (candidate.Length != SecretBytes)
            throw new ArgumentException($"A cluster secret has {SecretBytes} bytes, not {candidate.Length}.", nameof(candidate));
        options.Validate();
        // Once in a process's life, and it may wait for another process's transaction: not on the thread pool.
        return await Task.Factory.StartNew(
            () => GetOrCreate(candidate), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(cancellationToken);
    }

    private byte[] GetOrCreate(ReadOnlyMemory<byte> candidate)
    {
        var path = SqliteSchema.Prepare(options, "Cluster", FileName);
        try
        {
            using var session = SqliteSession.Open(path, options.BusyTimeout);
            session.Begin();
            session.Prepare("INSERT INTO secret (id, value) VALUES (1, ?1) ON CONFLICT DO NOTHING").BindBlob(1, candidate.Span).Run();
            var select = session.Prepare("SELECT value FROM secret WHERE id = 1");
            var secret = select.Step() ? select.Blob(0) : [];
            select.Reset();
            session.Commit();
            session.ThrowIfMoved();
            if (secret.Length == SecretBytes)
                return secret;
            throw new StorageStartException(
                $"The cluster secret in {path} has {secret.Length} bytes instead of {SecretBytes}. "
                + "Restore the file, or delete its row in the table \"secret\": all sessions end then, and all nodes must restart.");
        }
        catch (SqliteFault e)
        {
            throw new StorageStartException($"Cannot read or store the cluster secret in {path}: {e.Message}.", e);
        }
    }
}
