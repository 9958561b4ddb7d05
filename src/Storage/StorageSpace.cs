using System.Diagnostics.Metrics;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage;

/// <summary>
/// Looks every few seconds whether the store has space for more, so that messages are refused with a reason before the disk is full: a full one takes commits
/// away from everybody, with whatever error comes first, and needs space to be cleaned up.
/// </summary>
/// <param name="limits">When it is full.</param>
/// <param name="measure">Measures the space. What it throws is logged, and the last state stays.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="meters">Where the meter <c>ClusterChat.Journal</c> is made; null for none.</param>
public sealed partial class StorageSpace(
    SpaceLimits limits, Func<CancellationToken, ValueTask<SpaceReading>> measure, TimeProvider time, ILogger logger, IMeterFactory? meters = null)
    : IJournalSpace, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private volatile bool _isFull;
    private long _size = -1;

    /// <inheritdoc/>
    public bool IsFull => _isFull;

    /// <summary>Measures once, and from then on every few seconds.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (meters?.Create(JournalMetrics.MeterName) is { } meter)
        {
            meter.CreateObservableGauge("clusterchat.journal.full", () => _isFull ? 1 : 0, null, "1 while messages are refused, since there is no space left for them.");
            meter.CreateObservableGauge("clusterchat.journal.size", ReadSize, "By", "What the database takes, where a limit is set for it.");
        }

        if (limits.Any)
        {
            await LookAsync(cancellationToken);
            _loop = RunAsync(_stop.Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private IEnumerable<Measurement<long>> ReadSize() => Interlocked.Read(ref _size) is >= 0 and var size ? [new Measurement<long>(size)] : [];

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(limits.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await LookAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The store is closing.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        SpaceReading reading;
        try
        {
            reading = await measure(cancellationToken);
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or UnauthorizedAccessException)
        {
            LogNotMeasured(logger, e.Message);
            return;
        }

        Interlocked.Exchange(ref _size, reading.Size ?? -1);
        var wasFull = _isFull;
        _isFull = limits.IsFull(reading, wasFull);
        if (_isFull && !wasFull)
            LogFull(logger, reading.Free, limits.MinFree, reading.Size, limits.MaxSize);
        else if (wasFull && !_isFull)
            LogSpace(logger, reading.Free, reading.Size);
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Error, Message = "No messages are taken until there is more space: {Free} bytes are free on the disk (Journal:MinFreeBytes {MinFree}), the database has {Size} (Journal:MaxBytes {MaxSize})")]
    private static partial void LogFull(ILogger logger, long? free, long minFree, long? size, long? maxSize);

    [LoggerMessage(EventId = 3041, Level = LogLevel.Information, Message = "Messages are taken again: {Free} bytes are free on the disk, the database has {Size}")]
    private static partial void LogSpace(ILogger logger, long? free, long? size);

    [LoggerMessage(EventId = 3042, Level = LogLevel.Warning, Message = "It cannot be told how much space the journal has: {Reason}")]
    private static partial void LogNotMeasured(ILogger logger, string reason);
}
