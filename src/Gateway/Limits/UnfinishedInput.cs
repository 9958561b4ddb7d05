using System.Collections.Concurrent;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// What clients of a node have begun to send and not ended: requests and messages of which a part is there. It is bounded in bytes, see
/// <see cref="ByteBudget"/>, and in time: each has to go on. Thread-safe.
/// </summary>
/// <remarks>Nothing is counted for what comes in whole; callers tell of what has to wait, when they wait for its rest.</remarks>
/// <param name="mostBytes">So much may be held for all clients; 0 lifts the limit.</param>
/// <param name="timeout">In each such time, from the first wait on, a part has to come of what is begun.</param>
/// <param name="bytesPerSecond">How large that part is, by the second; at least one byte.</param>
/// <param name="clock">The clock.</param>
internal sealed class UnfinishedInput(long mostBytes, TimeSpan timeout, double bytesPerSecond, TimeProvider clock)
{
    /// <summary>What the web server holds for a connection in the middle of a request, besides what is read of it: some 25 KB are allocated for the first one (measured), of which most is free again behind it.</summary>
    public const int ConnectionBytes = 20 * 1024;

    private readonly ConcurrentDictionary<IUnfinished, Progress> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly long _leastBytes = Math.Max(1, (long)(bytesPerSecond * timeout.TotalSeconds));
    private long _stalled;

    /// <summary>The bytes that are held for it.</summary>
    public ByteBudget Budget { get; } = new(mostBytes);

    /// <summary>How many were ended because they did not go on.</summary>
    public long Stalled => Interlocked.Read(ref _stalled);

    /// <summary>Without any limit.</summary>
    public static UnfinishedInput Unlimited(TimeProvider clock) => new(0, TimeSpan.MaxValue, 0, clock);

    /// <summary>It waits for its rest. What is told more often counts once.</summary>
    public void Begin(IUnfinished input)
    {
        if (!_waiting.ContainsKey(input))
        {
            _waiting.TryAdd(input, new Progress { Since = clock.GetTimestamp() });
        }
    }

    /// <summary>It is whole, or over.</summary>
    public void End(IUnfinished input) => _waiting.TryRemove(input, out _);

    /// <summary>Ends what does not go on. To be called every second or so.</summary>
    public void Sweep()
    {
        foreach (var (input, progress) in _waiting)
        {
            // Less than before: it was whole, and another one has begun.
            if (input.Arrived is not { } arrived || arrived < progress.Arrived || arrived - progress.Arrived >= _leastBytes)
            {
                progress.Arrived = input.Arrived ?? progress.Arrived;
                progress.Since = clock.GetTimestamp();
            }
            else if (clock.GetElapsedTime(progress.Since) >= timeout && _waiting.TryRemove(input, out _))
            {
                Interlocked.Increment(ref _stalled);
                input.Stall();
            }
        }
    }

    /// <summary>How far it was, and when; the sweep's own.</summary>
    private sealed class Progress
    {
        public long Arrived { get; set; }

        public long Since { get; set; }
    }
}
