using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Whether connections can be made. After one that could not, requests fail at once for a moment, those that wait
/// for a place too; then whoever comes next tries again. So a database that is away costs its callers no time,
/// and is used again as soon as it is back.
/// </summary>
internal sealed partial class PostgresReachability(PostgresStorageOptions options, TimeProvider time, ILogger logger)
{
    private volatile Away? _away;

    /// <summary>Why no connection is to be tried now; null where one is.</summary>
    public string? Refusal => _away is { } away && time.GetElapsedTime(away.Since) < options.RetryAfter ? away.Reason : null;

    public void Failed(string reason)
    {
        var before = Interlocked.Exchange(ref _away, new Away(time.GetTimestamp(), reason));
        if (before is null)
            LogAway(reason);
    }

    public void Reached()
    {
        if (_away is not null && Interlocked.Exchange(ref _away, null) is not null)
            LogBack();
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Warning, Message = "The journal's database cannot be reached; writes wait for it: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "The journal's database can be reached again")]
    private partial void LogBack();

    private sealed record Away(long Since, string Reason);
}
