using ClusterChat.Cluster.Arbiter;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The table of nodes in <c>cluster.db</c>, for the processes of one machine that share a data folder.
/// </summary>
public sealed partial class SqliteNodeTable : INodeTable, IAsyncDisposable
{
    private readonly SqliteWorker<NodeTableSession> _worker;
    private readonly ILogger _logger;

    /// <summary>Makes a table that answers as unavailable until it was started.</summary>
    /// <param name="options">
    /// Where the file is, and the limits. Another process's transaction is waited for 1 s at most, however much they allow; the disk may
    /// take the whole operation's time-out, as a flush of a busy one can be seconds away.
    /// </param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SqliteNodeTable(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteNodeTable>? logger = null)
    {
        options.Validate();
        _logger = logger ?? NullLogger<SqliteNodeTable>.Instance;
        var lockWait = NodeTableRules.Shorter(options.BusyTimeout, NodeTableRules.LockWait);
        _worker = new SqliteWorker<NodeTableSession>("the table of nodes", options, time)
        {
            Prepare = () => SqliteSchema.Prepare(options, "Cluster", SqliteSecretStore.FileName),
            Open = path => NodeTableSession.Open(path, lockWait),
            Unavailable = static (reason, cause) => new NodeTableUnavailableException(reason, cause),
            Failed = e => LogFailed(e.Message, e),
        };
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _worker.StartAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken) =>
        _worker.CallAsync(static session => session.Read(), cancellationToken);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A text of the change has a NUL or a lone surrogate.</exception>
    public ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        NodeTableRules.ThrowUnlessText(change);
        return _worker.CallAsync(session => session.TryChange(change), cancellationToken);
    }

    /// <summary>Finishes what is queued and closes the file.</summary>
    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "The table of nodes failed: {Reason}")]
    private partial void LogFailed(string reason, Exception e);
}
