using ClusterChat.Cluster.Abuse;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Keeps the blocks in the journal's database, for nodes on any number of machines.</summary>
public sealed class PostgresBlockStore : IBlockStore, IAsyncDisposable
{
    /// <summary>It is asked every few seconds, and by operators.</summary>
    private const int Connections = 2;

    private readonly PostgresSideStore _store;

    /// <summary>Makes a store that answers as unavailable until it was started.</summary>
    /// <param name="options">Which database, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgresBlockStore(PostgresStorageOptions options, TimeProvider time, ILogger<PostgresBlockStore>? logger = null)
        => _store = new PostgresSideStore(
            "the list of blocks", "blocks", Connections, options, time, logger ?? NullLogger<PostgresBlockStore>.Instance,
            static (reason, cause) => new StoreUnavailableException(reason, cause));

    /// <summary>Waits for the database, and brings its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _store.StartAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<BlockList?> ReadAsync(long known, CancellationToken cancellationToken)
        => _store.CallAsync(connection => ReadAsync(connection, known), cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Block>> ListAsync(
        BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(value, after?.Value);
        return _store.CallAsync(connection => ListAsync(connection, kind, value, after, limit), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> PutAsync(Block block, int most, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(block.Value, block.Reason, block.By);
        return await _store.CallAsync(connection => ChangeAsync(
            connection,
            new NpgsqlBatchCommand(BlockStatements.RaiseVersion),
            new NpgsqlBatchCommand(BlockStatements.Put)
            {
                Parameters = { Kind(block.Kind), Of(block.Value), Of(block.Since), Of(block.Until), Of(block.Reason), Of(block.By), Of((long)most) },
            }), cancellationToken) > 0;
    }

    /// <inheritdoc />
    public async ValueTask<bool> DeleteAsync(BlockKind kind, string value, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(value);
        return await _store.CallAsync(connection => ChangeAsync(
            connection,
            new NpgsqlBatchCommand(BlockStatements.RaiseBeforeDelete) { Parameters = { Kind(kind), Of(value) } },
            new NpgsqlBatchCommand(BlockStatements.Delete) { Parameters = { Kind(kind), Of(value) } }), cancellationToken) > 0;
    }

    /// <inheritdoc />
    public ValueTask<int> DeleteEndedAsync(long now, CancellationToken cancellationToken)
        => _store.CallAsync(connection => ChangeAsync(
            connection,
            new NpgsqlBatchCommand(BlockStatements.RaiseBeforeDeleteEnded) { Parameters = { Of(now) } },
            new NpgsqlBatchCommand(BlockStatements.DeleteEnded) { Parameters = { Of(now) } }), cancellationToken);

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<short> Kind(BlockKind? kind) => Of(kind is { } known ? (short)known : (short)0);

    private static async Task<BlockList?> ReadAsync(NpgsqlConnection connection, long known)
    {
        await using var command = new NpgsqlCommand(BlockStatements.Read, connection) { Parameters = { Of(known) } };
        await using var reader = await command.ExecuteReaderAsync();
        long? version = null;
        var blocks = new List<Block>();
        while (await reader.ReadAsync())
        {
            version = reader.GetInt64(6);
            if (reader.GetBoolean(7))
                blocks.Add(Row(reader));
        }

        var found = version ?? throw new StoreUnavailableException(StoreRules.LostVersion);
        return found == known ? null : new BlockList(found, blocks);
    }

    private static async Task<IReadOnlyList<Block>> ListAsync(
        NpgsqlConnection connection, BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit)
    {
        await using var command = new NpgsqlCommand(BlockStatements.List, connection)
        {
            Parameters =
            {
                Kind(after?.Kind), Of(after?.Value ?? string.Empty), Kind(kind),
                new NpgsqlParameter { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }, Of((long)limit),
            },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var blocks = new List<Block>();
        while (await reader.ReadAsync())
            blocks.Add(Row(reader));
        return blocks;
    }

    private static Block Row(NpgsqlDataReader row)
        => new((BlockKind)row.GetInt16(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetString(5));

    /// <returns>How many rows the second one has changed.</returns>
    private static async Task<int> ChangeAsync(NpgsqlConnection connection, NpgsqlBatchCommand raise, NpgsqlBatchCommand change)
    {
        // Without a transaction of its own a batch is one: a statement that fails undoes the one before it.
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { raise, change } };
        await batch.ExecuteNonQueryAsync();
        return change.RecordsAffected;
    }
}
