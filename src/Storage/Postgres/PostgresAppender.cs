using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Commits batches. One that the server refuses for the sake of a room is halved until that room stands alone.
/// </summary>
internal sealed partial class PostgresAppender(
    JournalStatements statements, PostgresStorageOptions options, TimeProvider time, ILogger logger)
{
    private const int ConflictRetries = 3;

    // In the halves only: the row that is held is held no longer for being waited for once more, and 100 rooms that
    // are all held take no longer than the caller waits.
    private static readonly TimeSpan LockTimeoutOfParts = TimeSpan.FromMilliseconds(100);

    /// <summary>Commits what stands at some places of a batch.</summary>
    /// <param name="connection">Broken afterwards where the outcome of a commit is unknown.</param>
    /// <param name="batch">All entries.</param>
    /// <param name="places">Which of them; <see cref="EntryRules"/> found nothing in these.</param>
    /// <param name="results">Where the outcome goes, each entry's at its place.</param>
    public async Task AppendAsync(
        NpgsqlConnection connection, IReadOnlyList<AppendEntry> batch, ArraySegment<int> places, AppendResult[] results)
    {
        var watch = new CommitWatch(connection);
        var started = time.GetTimestamp();
        await TryAsync(places, isPart: false);

        async Task TryAsync(ArraySegment<int> some, bool isPart)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await CommitAsync(connection, batch, some, results, isPart);
                    if (watch.Doubt is { } doubt)
                        Fill(results, some, AppendResult.Unknown(doubt));
                    return;
                }
                catch (Exception e)
                {
                    var scope = PostgresFaults.Scope(e);
                    if (scope is FaultScope.Conflict && attempt <= ConflictRetries)
                        continue;
                    if (scope is FaultScope.Row or FaultScope.Lock && some.Count > 1)
                        break;
                    Fill(results, some, Failed(e, scope, batch[some[0]].Room));
                    return;
                }
            }

            if (time.GetElapsedTime(started) > options.OperationTimeout)
            {
                Fill(results, some, AppendResult.Unknown("the journal did not settle the batch in time"));
                return;
            }

            var half = some.Count / 2;
            await TryAsync(some[..half], isPart: true);
            await TryAsync(some[half..], isPart: true);
        }
    }

    private static void Fill(AppendResult[] results, ArraySegment<int> places, AppendResult result)
    {
        foreach (var place in places)
            results[place] = result;
    }

    private AppendResult Failed(Exception e, FaultScope scope, string room)
    {
        var reason = PostgresFaults.Describe(e);
        switch (scope)
        {
            case FaultScope.Row:
                LogRejected(logger, room, reason);
                return new AppendResult(AppendStatus.Rejected, [], reason);
            case FaultScope.Lock:
                LogHeld(logger, room, reason);
                return AppendResult.Unknown(reason);
            default:
                LogFailed(logger, reason, e);
                return AppendResult.Unknown(reason);
        }
    }

    private async Task CommitAsync(
        NpgsqlConnection connection, IReadOnlyList<AppendEntry> batch, ArraySegment<int> places, AppendResult[] results, bool isPart)
    {
        await using var command = new NpgsqlBatch(connection);
        if (isPart)
        {
            command.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('lock_timeout', $1, true)")
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = PostgresDatabase.Milliseconds(LockTimeoutOfParts) } },
            });
        }

        if (AppendColumns.FillUnborn(new NpgsqlBatchCommand(statements.Bear), batch, places) is { } bear)
            command.BatchCommands.Add(bear);
        command.BatchCommands.Add(AppendColumns.Fill(new NpgsqlBatchCommand(statements.Append), batch, places));
        if (options.OnAppend is { } hook)
            await hook(connection);
        var refused = new Dictionary<int, List<StoredEvent>?>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            if (isPart)
                await reader.NextResultAsync();
            while (await reader.ReadAsync())
                AddRefused(reader, places[(int)reader.GetInt64(0) - 1], refused);

            // To the very end: a failure of the commit itself comes after the last row.
            while (await reader.NextResultAsync())
            {
            }
        }

        foreach (var place in places)
            results[place] = Outcome(refused, place);
    }

    private static AppendResult Outcome(Dictionary<int, List<StoredEvent>?> refused, int place)
    {
        if (!refused.TryGetValue(place, out var existing))
            return AppendResult.Committed;
        return existing is null ? AppendResult.Fenced : new AppendResult(AppendStatus.Duplicate, existing);
    }

    /// <summary>A fenced part has one row without events, a repeating one the events that exist, in the order of its own.</summary>
    private static void AddRefused(NpgsqlDataReader row, int place, Dictionary<int, List<StoredEvent>?> refused)
    {
        if (row.IsDBNull(1))
        {
            refused[place] = null;
            return;
        }

        if (!refused.TryGetValue(place, out var existing) || existing is null)
            refused[place] = existing = [];
        var e = EventRow.Read(row, 2);
        if (existing.TrueForAll(known => known.Seq != e.Seq))
            existing.Add(e);
    }

    [LoggerMessage(EventId = 3022, Level = LogLevel.Error, Message = "A journal commit failed; its outcome is not known: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason, Exception e);

    [LoggerMessage(EventId = 3023, Level = LogLevel.Warning, Message = "The journal refuses events of room {Room}: {Reason}")]
    private static partial void LogRejected(ILogger logger, string room, string reason);

    [LoggerMessage(EventId = 3024, Level = LogLevel.Warning, Message = "The journal's row of room {Room} is held by somebody: {Reason}")]
    private static partial void LogHeld(ILogger logger, string room, string reason);
}
