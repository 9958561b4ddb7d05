namespace ClusterChat.Actors;

/// <summary>Runs turns on the .NET thread pool.</summary>
/// <remarks>
/// What a turn schedules last runs next on the same thread, as a goroutine that was made ready does in Go's scheduler: a
/// message that goes through five actors wakes one thread, not five. All else goes to the pool, and so does a work that
/// schedules itself again, and what would be next after <see cref="ChainLimit"/> in a row: others wait for this thread, too.
/// </remarks>
public sealed class ThreadPoolDispatcher : IDispatcher
{
    private const int ChainLimit = 16;

    [ThreadStatic]
    private static Chain? _chain;

    private ThreadPoolDispatcher()
    {
    }

    public static ThreadPoolDispatcher Instance { get; } = new();

    public void Schedule(IRunnable work)
    {
        if (_chain is { Running: { } running } chain && running != work)
        {
            (var displaced, chain.Next) = (chain.Next, work);
            if (displaced is null)
            {
                return;
            }

            work = displaced;
        }

        // Not preferLocal: a thread's local queue is last in, first out, and an actor that used up its quota would be next again.
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    void IDispatcher.Execute(IRunnable work)
    {
        if (_chain?.Running is null)
        {
            Execute(work);
        }
        else
        {
            work.Run();
        }
    }

    /// <summary>Runs a work that the pool gives back, and what it leads to.</summary>
    internal static void Execute(IRunnable work)
    {
        var chain = _chain ??= new Chain();
        for (var i = 1; ; i++)
        {
            chain.Running = work;
            work.Run();
            (var next, chain.Next) = (chain.Next, null);
            if (next is null || i == ChainLimit)
            {
                chain.Running = null;
                if (next is not null)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
                }

                return;
            }

            work = next;
        }
    }

    private sealed class Chain
    {
        /// <summary>Null while the thread does something else.</summary>
        public IRunnable? Running { get; set; }

        public IRunnable? Next { get; set; }
    }
}
