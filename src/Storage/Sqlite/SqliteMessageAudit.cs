using ClusterChat.Cluster.Abuse;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// Keeps the audit of messages in <c>audit.db</c>: a file of its own, so that no transaction of it is in the way of the journal's or the table of
/// nodes', and it can be deleted as it is.
/// </summary>
public sealed partial class SqliteMessageAudit : IMessageAudit, IAsyncDisposable
{
    internal const string FileName = "audit.db";

    private readonly SqliteWorker<AuditSession> _worker;
    private readonly ILogger _logger;

    /// <summary>Makes an audit that answers as unavailable until it was started.</summary>
    /// <param name="options">Where the file is, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SqliteMessageAudit(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteMessageAudit>? logger = null)
    {
        options.Validate();
        _logger = logger ?? NullLogger<SqliteMessageAudit>.Instance;
        _worker = new SqliteWorker<AuditSession>("the audit of messages", options, time)
        {
            Prepare = () => SqliteSchema.Prepare(options, "Audit", FileName),
            Open = path => AuditSession.Open(path, options.BusyTimeout),
            Unavailable = static (reason, cause) => new StoreUnavailableException(reason, cause),
            Failed = e => LogFailed(e.Message, e),
        };
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _worker.StartAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask AddAsync(IReadOnlyList<AuditedMessage> entries, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(entries);
        await _worker.CallAsync(session => session.Add(entries), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditedMessage>> OfMessageAsync(string room, long seq, long before, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(room);
        return _worker.CallAsync(session => session.OfMessage(room, seq, before, limit), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditedMessage>> OfUserAsync(string user, long before, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(user);
        return _worker.CallAsync(session => session.OfUser(user, before, limit), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ForgetAsync(long before, int most, CancellationToken cancellationToken)
        => _worker.CallAsync(session => session.Forget(before, most), cancellationToken);

    /// <summary>Finishes what is queued and closes the file.</summary>
    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [LoggerMessage(EventId = 3033, Level = LogLevel.Warning, Message = "The audit of messages failed: {Reason}")]
    private partial void LogFailed(string reason, Exception e);
}
