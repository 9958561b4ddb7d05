using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// Copies committed pages from the write-ahead log into the database file, on a thread and connection of its
/// own. Left to SQLite, the commit that fills the log to 1,000 pages pays for it: with 100 rooms a batch that is
/// every fourth commit, and it takes ten times as long as the others.
/// </summary>
/// <remarks>
/// A passive checkpoint blocks nobody. Under an unbroken stream of commits it never quite catches up, and the
/// log, which starts over only when all of it was copied, would grow for ever; so the writer's own checkpoint
/// stays on as the backstop (see <see cref="SqliteSession.Open"/>): it finds nearly everything copied already.
/// </remarks>
internal sealed partial class SqliteCheckpointer(SqliteStorageOptions options, ILogger logger)
{
    /// <summary>Some 2 to 3 pages a row where each room gets one: about 10 MB of log.</summary>
    private const int RowsBetween = 1_000;

    // A plain object: the condition variable is its monitor's.
    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
                session.Execute("PRAGMA wal_checkpoint(PASSIVE)");
            }
            catch (SqliteFault e)
            {
                // Nothing is lost: the log has it all, and the writer's backstop reports what matters.
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
