using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

public sealed partial class SqliteJournal
{
    // 3001-3004 belong to the threads.
    [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message = "The journal is open: {Path}")]
    private partial void LogStarted(string path);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "The journal is closed")]
    private partial void LogStopped();

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "The journal did not close within {Timeout}; committed events are safe")]
    private partial void LogStopTimedOut(TimeSpan timeout, Exception e);
}
