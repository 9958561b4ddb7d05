using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>Runs turns on the .NET thread pool.</summary>
/// <remarks>
/// What a turn schedules runs on the same thread, after it, as goroutines that were made ready do on their scheduler's own
/// queue: a message that goes through five actors wakes one thread, not five, which would cost more than the turns do. A
/// thread takes on <see cref="MaxWaiting"/> works at a time and <see cref="ChainLimit"/> in a row; all else goes to the pool,
/// where other threads take it.
/// </remarks>
public sealed class ThreadPoolDispatcher : IDispatcher
{
    // What is under way waits for this thread, also where others are idle: some 0.3 ms of turns.
    private const int ChainLimit = 16;
    private const int MaxWaiting = 8;

    [ThreadStatic]
    private static Chain? _chain;

    private ThreadPoolDispatcher()
    {
    }

    public static ThreadPoolDispatcher Instance { get; } = new();

    public void Schedule(IRunnable work)
    {
        if (_chain is not { } chain || !chain.TryAdd(work))
        {
            ScheduleApart(work);
        }
    }

    // Not preferLocal: a thread's local queue is last in, first out, and an actor that used up its quota would be next again.
    public void ScheduleApart(IRunnable work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    void IDispatcher.Execute(IRunnable work)
    {
        if (_chain is { IsRunning: true })
        {
            work.Run();
        }
        else
        {
            Execute(work);
        }
    }

    /// <summary>Runs a work that the pool gives back, and what it leads to.</summary>
    internal static void Execute(IRunnable work)
    {
        var chain = _chain ??= new Chain();
        chain.IsRunning = true;
        work.Run();
        for (var i = 1; i < ChainLimit && chain.TryTake(out var next); i++)
        {
            next.Run();
        }

        chain.IsRunning = false;
        while (chain.TryTake(out var left))
        {
            Instance.ScheduleApart(left);
        }
    }

    /// <summary>What one thread has taken on.</summary>
    private sealed class Chain
    {
        private readonly Queue<IRunnable> _waiting = new(MaxWaiting);

        /// <summary>False while the thread does something else, and may not come back.</summary>
        public bool IsRunning { get; set; }

        public bool TryAdd(IRunnable work)
        {
            if (!IsRunning || _waiting.Count == MaxWaiting)
            {
                return false;
            }

            _waiting.Enqueue(work);
            return true;
        }

        public bool TryTake([NotNullWhen(true)] out IRunnable? work) => _waiting.TryDequeue(out work);
    }
}
