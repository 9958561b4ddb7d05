using ClusterChat.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Keeps the cluster's secret in the journal's database.</summary>
/// <param name="options">Which database.</param>
/// <param name="time">The clock of the time-outs.</param>
/// <param name="logger">Null for none.</param>
public sealed class PostgresSecretStore(PostgresStorageOptions options, TimeProvider time, ILogger<PostgresSecretStore>? logger = null) : IClusterSecretStore
{
    private const int SecretBytes = 32;

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The candidate is not 32 bytes long.</exception>
    /// <exception cref="StorageStartException">The database cannot be used, or what it holds is no secret.</exception>
    public async ValueTask<byte[]> GetOrCreateAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken)
    {
        if (candidate.Length != SecretBytes)
            throw new ArgumentException($"A cluster secret has {SecretBytes} bytes, not {candidate.Length}.", nameof(candidate));
        options.Validate();
        var database = options.Database;

        // Once in a process's life: its connections need not stay.
        await using var source = PostgresDatabase.Create(options, "secret");
        await PostgresSchema.PrepareAsync(source, options, time, logger ?? NullLogger<PostgresSecretStore>.Instance, cancellationToken);
        try
        {
            await using var insert = source.CreateCommand("INSERT INTO secret (id, value) VALUES (1, $1) ON CONFLICT DO NOTHING");
            insert.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = candidate });
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await using var select = source.CreateCommand("SELECT value FROM secret WHERE id = 1");
            var secret = await select.ExecuteScalarAsync(cancellationToken) as byte[] ?? [];
            if (secret.Length == SecretBytes)
                return secret;
            throw new StorageStartException(
                $"The cluster secret in the PostgreSQL database {database} has {secret.Length} bytes instead of {SecretBytes}. "
                + "Restore its row in the table \"secret\", or delete it: all sessions end then, and all nodes must restart.");
        }
        catch (NpgsqlException e)
        {
            throw new StorageStartException(
                $"Cannot read or store the cluster secret in the PostgreSQL database {database}: {PostgresFaults.Describe(e)}.", e);
        }
    }
}
