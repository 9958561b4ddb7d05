namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// One thread that works on one file for callers that never wait in a thread: no call of SQLite runs on the thread pool, and a commit of another
/// process holds up nobody but who asks. A request whose caller gave up is skipped if its turn has not come.
/// </summary>
/// <param name="what">What the file is to callers, such as "the table of nodes"; for messages.</param>
/// <param name="options">The limits.</param>
/// <param name="time">The clock of the time-outs.</param>
internal sealed class SqliteWorker<TSession>(string what, SqliteStorageOptions options, TimeProvider time) : IAsyncDisposable
    where TSession : class, IDisposable
{
    /// <summary>Its callers are few and ask one thing at a time; those that gave up may still wait for a slow disk.</summary>
    private const int QueuedCalls = 256;

    private readonly WorkQueue<Request> _queue = new(QueuedCalls);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;

    /// <summary>Makes the file fit for use, once; tells its path.</summary>
    public required Func<string> Prepare { get; init; }

    /// <summary>Opens a session on the file.</summary>
    public required Func<string, TSession> Open { get; init; }

    /// <summary>What callers are told where there is no answer, by its reason.</summary>
    public required Func<string, Exception?, Exception> Unavailable { get; init; }

    /// <summary>Hears of the first failure of each outage.</summary>
    public required Action<Exception> Failed { get; init; }

    /// <summary>Begins to work. Call it once.</summary>
    /// <exception cref="StorageStartException">The file cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _started = true;
        new Thread(() => Run(ready)) { IsBackground = true, Name = what }.Start();
        await ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs something on the file when it is its turn.</summary>
    public async ValueTask<T> CallAsync<T>(Func<TSession, T> body, CancellationToken cancellationToken)
    {
        if (!_started)
            throw Unavailable($"{what} has not been opened", null);
        cancellationToken.ThrowIfCancellationRequested();
        var request = new Request<T>(body, cancellationToken);
        if (!_queue.TryAdd(request, 1))
            throw Unavailable(_queue.IsClosed ? $"{what} is closed" : $"too many calls of {what} are waiting", null);
        try
        {
            return await request.Answer.WaitAsync(options.OperationTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw Unavailable($"{what} did not answer within {options.OperationTimeout.TotalSeconds} s", e);
        }
        finally
        {
            request.IsAbandoned = true;
        }
    }

    /// <summary>Finishes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (!_started)
            return;
        try
        {
            await _ended.Task.WaitAsync(options.CloseTimeout, time);
        }
        catch (TimeoutException)
        {
            // The thread is a background one: the end of the process is its end.
        }
    }

    private void Run(TaskCompletionSource ready)
    {
        string? path = null;
        try
        {
            path = Prepare();
            ready.SetResult();
        }
        catch (Exception e)
        {
            _queue.Close();
            ready.SetException(e);
        }

        TSession? session = null;
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
                request.Fail(Unavailable($"{what} could not be opened", null));
                continue;
            }

            try
            {
                session ??= Open(path);
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
                    Failed(e);
                isAway = true;
                request.Fail(e is SqliteFault ? Unavailable(e.Message, e) : e);
            }
        }

        session?.Dispose();
        _ended.SetResult();
    }

    private abstract class Request(CancellationToken token)
    {
        private volatile bool _isAbandoned;

        /// <summary>Nobody waits for it any more.</summary>
        public bool IsAbandoned
        {
            get => _isAbandoned || token.IsCancellationRequested;
            set => _isAbandoned = value;
        }

        public abstract void Execute(TSession session);

        public abstract void Fail(Exception error);
    }

    private sealed class Request<T>(Func<TSession, T> body, CancellationToken token) : Request(token)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => _answer.Task;

        public override void Execute(TSession session) => _answer.SetResult(body(session));

        public override void Fail(Exception error)
        {
            _answer.SetException(error);

            // Who gave up meanwhile does not look any more.
            _ = _answer.Task.Exception;
        }
    }
}
