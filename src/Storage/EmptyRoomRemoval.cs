using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage;

/// <summary>Goes through the list of rooms once, in small steps in the background, and removes the rows of rooms that never had an event.</summary>
/// <param name="step">
/// Looks at so many rooms after an id, and removes what is to go; gives the id to go on after, null at the end.
/// </param>
/// <param name="rules">How fast.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="logger">The log.</param>
internal sealed partial class EmptyRoomRemoval(
    Func<long, int, CancellationToken, ValueTask<long?>> step, EmptyRoomRules rules, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private bool _isDisposed;

    public void Start() => _run = RunAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(rules.After, time, stop);
            for (long? next = 0; next is { } after;)
            {
                next = await StepAsync(after, stop);
                await Task.Delay(rules.Pause, time, stop);
            }

            rules.OnDone?.Invoke();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The journal is closing; the next start begins again.
        }
    }

    private async Task<long?> StepAsync(long after, CancellationToken stop)
    {
        try
        {
            return await step(after, rules.Step, stop);
        }
        catch (JournalUnavailableException e)
        {
            // As the journal itself: what is away comes back.
            LogStepFailed(logger, e.Message);
            await Task.Delay(rules.After, time, stop);
            return after;
        }
    }

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "The removal of empty rooms that an earlier version left waits: {Reason}")]
    private static partial void LogStepFailed(ILogger logger, string reason);
}
