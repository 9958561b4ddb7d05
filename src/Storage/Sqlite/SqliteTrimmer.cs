using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// Forgets old events in the background. It looks by way of the reading threads and deletes by way of the writing one, some at a time, between the commits of
/// rooms. Of several processes with one file each does it: what one has trimmed, the others find done.
/// </summary>
internal sealed partial class SqliteTrimmer(SqliteJournal journal, JournalTrimming rules, TimeProvider time, ILogger logger) : IAsyncDisposable
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
        long trimmed = 0;
        long last = 0;
        while (true)
        {
            var rooms = await journal.TrimmedRoomsAsync(last, RoomsAtOnce, cancellationToken);
            foreach (var room in rooms)
            {
                var of = rules.MayBeTooLarge(room, bounds) ? rules.For(bounds, await journal.LineBytesAsync(room, cancellationToken)) : bounds;
                for (var more = of.Concern(room); more;)
                {
                    var count = await journal.TrimAsync(room.Id, of, rules.BatchEvents, cancellationToken);
                    trimmed += count;
                    more = count == rules.BatchEvents;
                }
            }

            if (rooms.Count < RoomsAtOnce)
                return trimmed;
            last = rooms[^1].Id;
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
        catch (JournalUnavailableException e)
        {
            LogTrimFailed(logger, e.Message);
        }
    }

    [LoggerMessage(EventId = 3012, Level = LogLevel.Information, Message = "Trimmed {Count} old events")]
    private static partial void LogTrimmed(ILogger logger, long count);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "Trimming stopped; the next round goes on: {Reason}")]
    private static partial void LogTrimFailed(ILogger logger, string reason);
}
