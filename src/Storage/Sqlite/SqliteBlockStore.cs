using ClusterChat.Cluster.Abuse;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>Keeps the blocks in <c>cluster.db</c>, beside the table of nodes, for the processes of one machine that share a data folder.</summary>
public sealed partial class SqliteBlockStore : IBlockStore, IAsyncDisposable
{
    private readonly SqliteWorker<BlockSession> _worker;
    private readonly ILogger _logger;

    /// <summary>Makes a store that answers as unavailable until it was started.</summary>
    /// <param name="options">Where the file is, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SqliteBlockStore(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteBlockStore>? logger = null)
    {
        options.Validate();
        _logger = logger ?? NullLogger<SqliteBlockStore>.Instance;
        _worker = new SqliteWorker<BlockSession>("the list of blocks", options, time)
        {
            Prepare = () => SqliteSchema.Prepare(options, "Cluster", SqliteSecretStore.FileName),
            Open = path => BlockSession.Open(path, options.BusyTimeout),
            Unavailable = static (reason, cause) => new StoreUnavailableException(reason, cause),
            Failed = e => LogFailed(e.Message, e),
        };
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _worker.StartAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<BlockList?> ReadAsync(long known, CancellationToken cancellationToken)
        => _worker.CallAsync(session => session.Read(known), cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Block>> ListAsync(
        BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(value, after?.Value);
        return _worker.CallAsync(session => session.List(kind, value, after, limit), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> PutAsync(Block block, int most, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(block.Value, block.Reason, block.By);
        return _worker.CallAsync(session => session.Put(block, most), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(BlockKind kind, string value, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(value);
        return _worker.CallAsync(session => session.Delete(kind, value), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> DeleteEndedAsync(long now, CancellationToken cancellationToken)
        => _worker.CallAsync(session => session.DeleteEnded(now), cancellationToken);

    /// <summary>Finishes what is queued and closes the file.</summary>
    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [LoggerMessage(EventId = 3032, Level = LogLevel.Warning, Message = "The list of blocks failed: {Reason}")]
    private partial void LogFailed(string reason, Exception e);
}
