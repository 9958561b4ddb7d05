using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Postgres;

public sealed partial class PostgresJournal
{
    // 3020-3024 belong to the parts.
    [LoggerMessage(EventId = 3025, Level = LogLevel.Information, Message = "The journal is open: PostgreSQL {Database}")]
    private partial void LogStarted(string database);

    [LoggerMessage(EventId = 3026, Level = LogLevel.Information, Message = "The journal is closed")]
    private partial void LogStopped();

    [LoggerMessage(EventId = 3027, Level = LogLevel.Warning, Message = "The journal left requests behind that got no answer within {Timeout}; committed events are safe")]
    private partial void LogStopTimedOut(TimeSpan timeout);
}
