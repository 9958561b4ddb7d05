using System.Text;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// A few threads with a connection each that read while the writer writes. Each request is one statement, hence
/// one snapshot; the write-ahead log shows a transaction to readers only after it was flushed.
/// </summary>
internal sealed partial class SqliteJournalReaders(SqliteStorageOptions options, ILogger logger)
{
    private readonly WorkQueue<ReadWork> _queue = new(options.QueuedReads);
    private readonly List<Task> _ended = [];

    public void Start(string path)
    {
        for (var i = 0; i < options.Readers; i++)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ended.Add(ended.Task);
            new Thread(() => Run(path, ended)) { IsBackground = true, Name = "journal-reader" }.Start();
        }
    }

    /// <summary>Queues a read.</summary>
    /// <returns>Null where the work was queued; otherwise why it was not.</returns>
    public string? TryAdd(ReadWork work)
    {
        if (_queue.TryAdd(work, 1))
            return null;
        return _queue.IsClosed ? "the journal is closed" : "too many reads of the journal are waiting";
    }

    public Task StopAsync()
    {
        _queue.Close();
        return Task.WhenAll(_ended);
    }

    private void Run(string path, TaskCompletionSource ended)
    {
        JournalReader? reader = null;
        var next = new List<ReadWork>(1);
        while (_queue.Take(next, 1))
        {
            var work = next[0];
            next.Clear();
            if (work.IsAbandoned)
                continue;
            try
            {
                reader ??= new JournalReader(SqliteSession.Open(path, options.BusyTimeout));
                reader.Session.ThrowIfMoved();
                work.Execute(reader);
            }
            catch (Exception e)
            {
                LogReadFailed(logger, e.Message, e);
                reader?.Session.Dispose();
                reader = null;
                work.Fail($"the journal failed: {e.Message}", e);
            }
        }

        reader?.Session.Dispose();
        ended.SetResult();
    }

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "A read of the journal failed: {Reason}")]
    private static partial void LogReadFailed(ILogger logger, string reason, Exception e);
}
