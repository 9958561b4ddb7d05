using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The one thread that writes: it takes what has gathered while the last commit was under way and puts it into
/// one transaction, so the disk's flush is paid once for all (group commit).
/// </summary>
/// <remarks>
/// Answers are given after the commit only. When any step of the transaction fails for a reason that is not one
/// entry's own, or the commit itself does, then every part is answered as not known, and the session is dropped:
/// after a failed flush neither SQLite nor the kernel can say what the file holds. The next group opens a new
/// session, which reads the log anew.
/// </remarks>
internal sealed partial class SqliteJournalWriter(
    SqliteStorageOptions options, TimeProvider time, ILogger logger, JournalMetrics metrics, SqliteCheckpointer checkpointer)
{
    private readonly WorkQueue<JournalWork> _queue = new(options.QueuedEvents);
    private readonly TaskCompletionSource<string> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _path = string.Empty;
    private SqliteSession? _session;
    private JournalTransaction? _transaction;

    /// <summary>Starts the thread; the task ends with the database's path when it is ready.</summary>
    /// <exception cref="StorageStartException">The database cannot be used.</exception>
    public Task<string> StartAsync()
    {
        new Thread(Run) { IsBackground = true, Name = "journal-writer" }.Start();
        return _started.Task;
    }

    /// <summary>Queues a request.</summary>
    /// <returns>Null where the work was queued; otherwise why it was not.</returns>
    public string? TryAdd(JournalWork work)
    {
        if (_queue.TryAdd(work, work.Weight))
            return null;
        return _queue.IsClosed ? "the journal is closed" : "the journal's queue is full";
    }

    /// <summary>Lets the thread finish what is queued; the task ends when the database is closed.</summary>
    public Task StopAsync()
    {
        _queue.Close();
        return _ended.Task;
    }

    private void Run()
    {
        try
        {
            _path = SqliteSchema.Prepare(options, "Journal", SqliteJournal.FileName);
            Connect();
            _started.SetResult(_path);
        }
        catch (Exception e)
        {
            _started.SetException(e as StorageStartException ?? new StorageStartException($"Cannot start the journal: {e.Message}", e));
            _queue.Close();
        }

        var group = new List<JournalWork>();
        while (_queue.Take(group, options.EventsPerTransaction))
        {
            Execute(group);
            group.Clear();
        }

        Checkpoint();
        Disconnect();
        _ended.SetResult();
    }

    private void Execute(List<JournalWork> group)
    {
        group.RemoveAll(work => work.IsAbandoned);
        if (group.Count == 0)
            return;
        try
        {
            var started = time.GetTimestamp();
            Commit(group);
            var rows = group.Sum(work => work.Rows);
            metrics.Committed(rows, group.Sum(work => work.Fenced), time.GetElapsedTime(started));
            checkpointer.Committed(rows);
        }
        catch (Exception e)
        {
            LogGroupFailed(logger, group.Count, e.Message, e);
            // Busy at the beginning says nothing against the session; anything else does.
            if (e is not SqliteFault { IsBusy: true })
                Disconnect();
            foreach (var work in group)
                work.Fail($"the journal failed: {e.Message}", e);
            return;
        }

        foreach (var work in group)
            work.Complete();
        if (_session is not null)
            checkpointer.TryRestart(_session);
    }

    private void Commit(List<JournalWork> group)
    {
        var transaction = _transaction ?? Connect();
        _session!.ThrowIfMoved();
        try
        {
            Commit(group, transaction, isolatesParts: false);
        }
        catch (SqliteFault e) when (e.IsAboutRow)
        {
            Commit(group, transaction, isolatesParts: true);
        }

        _session.ThrowIfMoved();
    }

    private void Commit(List<JournalWork> group, JournalTransaction transaction, bool isolatesParts)
    {
        _session!.Begin();
        try
        {
            transaction.IsolatesParts = isolatesParts;
            foreach (var work in group)
                work.Apply(transaction);
            _session.Commit();
        }
        catch
        {
            _session.Rollback();
            throw;
        }
    }

    private JournalTransaction Connect()
    {
        _session = SqliteSession.Open(_path, options.BusyTimeout);
        _session.GatherCommits();
        options.OnSession?.Invoke(_session.Connection);
        _transaction = new JournalTransaction(_session);
        return _transaction;
    }

    private void Disconnect()
    {
        _session?.Dispose();
        _session = null;
        _transaction = null;
    }

    /// <summary>Moves the log into the database file, as far as other processes' readers let it.</summary>
    private void Checkpoint()
    {
        try
        {
            _session?.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteFault e)
        {
            LogFinalCheckpointFailed(logger, e.Message, e);
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "A journal transaction with {Count} requests failed; their outcome is not known: {Reason}")]
    private static partial void LogGroupFailed(ILogger logger, int count, string reason, Exception e);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "The journal's log could not be moved into the database at the end (it is safe where it is): {Reason}")]
    private static partial void LogFinalCheckpointFailed(ILogger logger, string reason, Exception e);
}
