using ClusterChat.Cluster.Arbiter;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The table of nodes in <c>cluster.db</c>, for the processes of one machine that share a data folder.
/// </summary>
/// <remarks>
/// One thread works on the file, so no call of SQLite runs on the thread pool, and a commit of another process holds up
/// nobody but who asks for the table. A request whose caller gave up is skipped if its turn has not come.
/// </remarks>
public sealed partial class SqliteNodeTable : INodeTable, IAsyncDisposable
{
    /// <summary>A node has a handful of callers, each asks one thing at a time; those that gave up may still wait for a slow disk.</summary>
    private const int QueuedCalls = 256;

    private readonly SqliteStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkQueue<Request> _queue = new(QueuedCalls);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _lockWait;
    private bool _started;

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
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<SqliteNodeTable>.Instance;
        _lockWait = NodeTableRules.Shorter(options.BusyTimeout, NodeTableRules.LockWait);
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _started = true;
        new Thread(() => Run(ready)) { IsBackground = true, Name = "node table" }.Start();
        await ready.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken) =>
        CallAsync(static session => session.Read(), cancellationToken);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A text of the change has a NUL or a lone surrogate.</exception>
    public ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        NodeTableRules.ThrowUnlessText(change);
        return CallAsync(session => session.TryChange(change), cancellationToken);
    }

    /// <summary>Finishes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (!_started)
            return;
        try
        {
            await _ended.Task.WaitAsync(_options.CloseTimeout, _time);
        }
        catch (TimeoutException)
        {
            // The thread is a background one: the end of the process is its end.
        }
    }

    private async ValueTask<T> CallAsync<T>(Func<NodeTableSession, T> body, CancellationToken cancellationToken)
    {
        if (!_started)
            throw new NodeTableUnavailableException("the table of nodes has not been opened");
        cancellationToken.ThrowIfCancellationRequested();
        var request = new Request<T>(body, cancellationToken);
        if (!_queue.TryAdd(request, 1))
            throw new NodeTableUnavailableException(_queue.IsClosed ? "the table of nodes is closed" : "too many calls of the table of nodes are waiting");
        try
        {
            return await request.Answer.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new NodeTableUnavailableException($"the table of nodes did not answer within {_options.OperationTimeout.TotalSeconds} s", e);
        }
        finally
        {
            request.IsAbandoned = true;
        }
    }

    private void Run(TaskCompletionSource ready)
    {
        string? path = null;
        try
        {
            path = SqliteSchema.Prepare(_options, "Cluster", SqliteSecretStore.FileName);
            ready.SetResult();
        }
        catch (Exception e)
        {
            _queue.Close();
            ready.SetException(e);
        }

        NodeTableSession? session = null;
        var isAway = false;
        var next = new List<Request>(1);
        while (_queue.Take(next, 1))
        {
            var request = next[0];
            next.Clear();
            if (request.IsAbandoned)
                continue;
            if (path is null)
            {
                request.Fail(new NodeTableUnavailableException("the table of nodes could not be opened"));
                continue;
            }

            try
            {
                session ??= NodeTableSession.Open(path, _lockWait);
                request.Execute(session);
                isAway = false;
            }
            catch (Exception e)
            {
                // A session that failed once may be broken; a new one costs a millisecond.
                session?.Dispose();
                session = null;

                // Who asks does so again and again: one line for each outage.
                if (!isAway)
                    LogFailed(e.Message, e);
                isAway = true;
                request.Fail(e is SqliteFault ? new NodeTableUnavailableException(e.Message, e) : e);
            }
        }

        session?.Dispose();
        _ended.SetResult();
    }

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "The table of nodes failed: {Reason}")]
    private partial void LogFailed(string reason, Exception e);

    private abstract class Request(CancellationToken token)
    {
        private volatile bool _isAbandoned;

        /// <summary>Nobody waits for it any more.</summary>
        public bool IsAbandoned
        {
            get => _isAbandoned || token.IsCancellationRequested;
            set => _isAbandoned = value;
        }

        public abstract void Execute(NodeTableSession session);

        public abstract void Fail(Exception error);
    }

    private sealed class Request<T>(Func<NodeTableSession, T> body, CancellationToken token) : Request(token)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => _answer.Task;

        public override void Execute(NodeTableSession session) => _answer.SetResult(body(session));

        public override void Fail(Exception error)
        {
            _answer.SetException(error);

            // Who gave up meanwhile does not look any more.
            _ = _answer.Task.Exception;
        }
    }
}
