using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Forgets old events in the background. Each node does it, on one connection: what one has trimmed, the others find
/// done, and a room's row that is held is passed over.
/// </summary>
internal sealed partial class PostgresTrimmer(NpgsqlDataSource source, JournalTrimming rules, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int RoomsAtOnce = 500;

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = RunAsync(_stop.Token);

    /// <summary>Trims all rooms once.</summary>
    /// <returns>How many events went.</returns>
    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        var bounds = rules.At(time.GetUtcNow());
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        long trimmed = 0;
        long last = 0;
        while (true)
        {
            var rooms = await RoomsAsync();
            foreach (var room in rooms)
            {
                var of = rules.MayBeTooLarge(room, bounds) ? rules.For(bounds, await LineBytesAsync(room)) : bounds;
                if (of.Concern(room))
                    trimmed += await TrimRoomAsync(room.Id, of);
            }

            if (rooms.Count < RoomsAtOnce)
                return trimmed;
            last = rooms[^1].Id;
        }

        async Task<List<TrimmedRoom>> RoomsAsync()
        {
            await using var command = Command(JournalStatements.TrimmedRooms, last, RoomsAtOnce);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rooms = new List<TrimmedRoom>();
            while (await reader.ReadAsync(cancellationToken))
                rooms.Add(new TrimmedRoom(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetInt64(3)));
            return rooms;
        }

        async Task<List<int>> LineBytesAsync(TrimmedRoom room)
        {
            await using var command = Command(JournalStatements.LineBytes, room.Id);
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = room.Sample() });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var bytes = new List<int>();
            while (await reader.ReadAsync(cancellationToken))
                bytes.Add(reader.GetInt32(0));
            return bytes;
        }

        async Task<long> TrimRoomAsync(long id, TrimBounds of)
        {
            for (long sum = 0; ;)
            {
                await using var command = Command(JournalStatements.Trim, id, of.Spared, of.Old, of.Kept, rules.BatchEvents);
                var count = await command.ExecuteNonQueryAsync(cancellationToken);
                sum += count;
                if (count < rules.BatchEvents)
                    return sum;
            }
        }

        NpgsqlCommand Command(string sql, params ReadOnlySpan<long> values)
        {
            var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
            return command;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(rules.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await RoundAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The journal is closing; what was not trimmed is trimmed the next time.
        }
    }

    private async Task RoundAsync(CancellationToken stop)
    {
        try
        {
            var trimmed = await TrimAsync(stop);
            if (trimmed > 0)
                LogTrimmed(logger, trimmed);
            rules.OnRound?.Invoke(trimmed);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            var reason = PostgresFaults.Describe(e);
            LogTrimFailed(logger, reason);
        }
    }

    [LoggerMessage(EventId = 3028, Level = LogLevel.Information, Message = "Trimmed {Count} old events")]
    private static partial void LogTrimmed(ILogger logger, long count);

    [LoggerMessage(EventId = 3029, Level = LogLevel.Warning, Message = "Trimming stopped; the next round goes on: {Reason}")]
    private static partial void LogTrimFailed(ILogger logger, string reason);
}
