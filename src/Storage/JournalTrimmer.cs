using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage;

/// <summary>
/// Forgets old events in the background, some at a time, between the commits of rooms. Each process with the store does it: what one has trimmed, the
/// others find done.
/// </summary>
/// <param name="open">Opens the rooms for a round.</param>
/// <param name="fault">Says of an exception what is wrong with the store; null where it is none of its own.</param>
/// <param name="rules">What may go.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class JournalTrimmer(
    Func<CancellationToken, ValueTask<ITrimmedRooms>> open, Func<Exception, string?> fault, JournalTrimming rules, TimeProvider time, ILogger logger) : IAsyncDisposable
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
        await using var store = await open(cancellationToken);
        long trimmed = 0;
        long last = 0;
        while (true)
        {
            var rooms = await store.ListAsync(last, RoomsAtOnce, cancellationToken);
            foreach (var room in rooms)
            {
                var of = rules.MayBeTooLarge(room, bounds) ? rules.For(bounds, await store.LineBytesAsync(room, cancellationToken)) : bounds;
                for (var more = of.Concern(room); more;)
                {
                    var count = await store.TrimAsync(room.Id, of, rules.BatchEvents, cancellationToken);
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
        catch (Exception e) when (fault(e) is { } reason)
        {
            LogTrimFailed(logger, reason);
        }
    }

    [LoggerMessage(EventId = 3012, Level = LogLevel.Information, Message = "Trimmed {Count} old events")]
    private static partial void LogTrimmed(ILogger logger, long count);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "Trimming stopped; the next round goes on: {Reason}")]
    private static partial void LogTrimFailed(ILogger logger, string reason);
}
