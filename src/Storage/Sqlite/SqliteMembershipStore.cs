using ClusterChat.Cluster.Membership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The table of nodes in <c>cluster.db</c>, for the processes of one machine that share a data folder.
/// </summary>
/// <remarks>
/// One thread works on the file, so no call of SQLite runs on the thread pool, and a commit of another process holds up
/// nobody but this node's membership. Writes are transactions that begin as such (BEGIN IMMEDIATE): what is compared cannot
/// change before it is set. A request whose caller gave up is skipped if its turn has not come.
/// </remarks>
public sealed partial class SqliteMembershipStore : IMembershipStore, IAsyncDisposable
{
    /// <summary>
    /// How long a transaction waits for another process's. Transactions here take milliseconds; below the membership's own
    /// time-out of 2 s, so that this reason is the one that is reported.
    /// </summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(1);

    /// <summary>The agent asks one thing at a time; those that it gave up may still wait for a slow disk.</summary>
    private const int QueuedCalls = 256;

    private readonly SqliteStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkQueue<Request> _queue = new(QueuedCalls);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _lockWait;
    private bool _started;

    /// <summary>Makes a store that answers as unavailable until it was started.</summary>
    /// <param name="options">Where the file is, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SqliteMembershipStore(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteMembershipStore>? logger = null)
    {
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<SqliteMembershipStore>.Instance;
        _lockWait = options.BusyTimeout < LockWait ? options.BusyTimeout : LockWait;
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _started = true;
        new Thread(() => Run(ready)) { IsBackground = true, Name = "membership" }.Start();
        await ready.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<MembershipTable> HeartbeatAsync(string node, long heartbeat, CancellationToken cancellationToken) =>
        CallAsync(session => session.Heartbeat(node, heartbeat), cancellationToken);

    /// <inheritdoc />
    public ValueTask<MembershipTable> ReadAsync(CancellationToken cancellationToken) =>
        CallAsync(session => session.Read(), cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> TryChangeAsync(MembershipChange change, CancellationToken cancellationToken) =>
        CallAsync(session => session.TryChange(change), cancellationToken);

    /// <inheritdoc />
    public async ValueTask VoteAsync(MembershipVote vote, bool holds, CancellationToken cancellationToken) =>
        await CallAsync(session => session.Vote(vote, holds), cancellationToken);

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

    private async ValueTask<T> CallAsync<T>(Func<MembershipSession, T> body, CancellationToken cancellationToken)
    {
        if (!_started)
            throw new MembershipUnavailableException("the table of nodes has not been opened");
        var request = new Request<T>(body, cancellationToken);
        if (!_queue.TryAdd(request, 1))
            throw new MembershipUnavailableException(_queue.IsClosed ? "the table of nodes is closed" : "too many calls of the table of nodes are waiting");
        try
        {
            return await request.Answer.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new MembershipUnavailableException($"the table of nodes did not answer within {_options.OperationTimeout.TotalSeconds} s", e);
        }
    }

    private void Run(TaskCompletionSource ready)
    {
        string path;
        try
        {
            path = SqliteSchema.Prepare(_options, "Cluster", SqliteSecretStore.FileName);
            ready.SetResult();
        }
        catch (Exception e)
        {
            _queue.Close();
            _ended.SetResult();
            ready.SetException(e);
            return;
        }

        MembershipSession? session = null;
        var next = new List<Request>(1);
        while (_queue.Take(next, 1))
        {
            var request = next[0];
            next.Clear();
            if (request.IsAbandoned)
                continue;
            try
            {
                session ??= new MembershipSession(SqliteSession.Open(path, _lockWait));
                request.Execute(session);
            }
            catch (Exception e)
            {
                // A session that failed once may be broken; a new one costs a millisecond.
                LogFailed(e.Message, e);
                session?.Dispose();
                session = null;
                request.Fail(e is SqliteFault ? new MembershipUnavailableException(e.Message, e) : e);
            }
        }

        session?.Dispose();
        _ended.SetResult();
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Warning, Message = "The table of nodes failed: {Reason}")]
    private partial void LogFailed(string reason, Exception e);

    private abstract class Request(CancellationToken token)
    {
        public bool IsAbandoned => token.IsCancellationRequested;

        public abstract void Execute(MembershipSession session);

        public abstract void Fail(Exception error);
    }

    private sealed class Request<T>(Func<MembershipSession, T> body, CancellationToken token) : Request(token)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => _answer.Task;

        public override void Execute(MembershipSession session) => _answer.SetResult(body(session));

        public override void Fail(Exception error) => _answer.TrySetException(error);
    }
}
