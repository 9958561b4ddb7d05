using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// Copies committed pages from the write-ahead log into the database file, on a thread and connection of its
/// own. Left to SQLite, the commit that fills the log to 1,000 pages pays for it: with 100 rooms a batch that is
/// every fourth commit, and it takes ten times as long as the others.
/// </summary>
/// <remarks>
/// A passive checkpoint blocks nobody, and under an unbroken stream of commits, of several processes above all,
/// it never quite catches up; the log, which starts over only when all of it was copied, would grow for ever.
/// So when the log is long, the writer lets it start over between two transactions (<see cref="TryRestart"/>), when
/// little is left to copy. This thread could not: it would wait for the write lock behind the writer for ever.
/// The file keeps its size: to overwrite it costs a flush half of what it costs to append, which changes the file's size as well.
/// </remarks>
internal sealed partial class SqliteCheckpointer(SqliteStorageOptions options, ILogger logger)
{
    /// <summary>Some 2 to 3 pages a row where each room gets one: about 25 MB of log.</summary>
    private const int RowsBetween = 2_500;

    /// <summary>Pages, 32 MB: large enough that a page which many commits change is copied once for all of them.</summary>
    private const int LongLog = 8_192;

    // A plain object: the condition variable is its monitor's.
    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLogLong;
    private int _rows;
    private bool _started;
    private bool _closed;

    public void Start(string path)
    {
        _started = true;
        new Thread(() => Run(path)) { IsBackground = true, Name = "journal-checkpoint" }.Start();
    }

    /// <summary>The writer committed so many rows.</summary>
    public void Committed(int rows)
    {
        lock (_gate)
        {
            _rows += rows;
            if (_rows >= RowsBetween)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// For the writer, after a commit: where the log is long, copies the rest and lets the next commit begin it anew, if nobody else is
    /// writing or reading right now; otherwise the next commit tries again.
    /// </summary>
    public void TryRestart(SqliteSession session)
    {
        if (!_isLogLong)
            return;
        try
        {
            // Of this session's busy time-out, its Begin left 0.
            _isLogLong = !session.Checkpoint("RESTART").Done;
        }
        catch (SqliteFault e)
        {
            _isLogLong = false;
            LogCheckpointFailed(logger, e.Message, e);
        }
    }

    public Task StopAsync()
    {
        if (!_started)
            return Task.CompletedTask;
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }

        return _ended.Task;
    }

    private void Run(string path)
    {
        SqliteSession? session = null;
        while (Wait())
        {
            try
            {
                session ??= SqliteSession.Open(path, options.BusyTimeout);
                session.ThrowIfMoved();
                _isLogLong = session.Checkpoint("PASSIVE").Pages > LongLog;
            }
            catch (SqliteFault e)
            {
                // Nothing is lost: the log has it all, and the writer reports what matters.
                LogCheckpointFailed(logger, e.Message, e);
                session?.Dispose();
                session = null;
            }
        }

        session?.Dispose();
        _ended.SetResult();
    }

    private bool Wait()
    {
        lock (_gate)
        {
            while (_rows < RowsBetween && !_closed)
                Monitor.Wait(_gate);
            _rows = 0;
            return !_closed;
        }
    }

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "A checkpoint of the journal failed: {Reason}")]
    private static partial void LogCheckpointFailed(ILogger logger, string reason, Exception e);
}
