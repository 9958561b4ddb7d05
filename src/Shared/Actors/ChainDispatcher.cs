using Akka.Configuration;
using Akka.Dispatch;

namespace ClusterChat.Actors;

/// <summary>Makes a <see cref="ChainDispatcher"/>: the <c>type</c> of a dispatcher in Akka's configuration.</summary>
public sealed class ChainDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly ChainDispatcher _dispatcher;

    /// <inheritdoc/>
    public ChainDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new ChainDispatcher(this, config.GetString("id"), config.GetInt("throughput"));

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>Runs mailboxes on the .NET thread pool, and what they wake on the same thread.</summary>
/// <remarks>
/// <para>
/// What a mailbox's run makes ready runs on the same thread, after it, as goroutines that were made ready do on their scheduler's own
/// queue: a message that goes through five actors wakes one thread, not five, which would cost more than the turns do. A
/// thread takes on <see cref="MaxWaiting"/> runs at a time and <see cref="ChainLimit"/> in a row; all else goes to the pool,
/// where other threads take it.
/// </para>
/// <para>
/// Safe with Akka's mailboxes: one is handed to <see cref="ExecuteTask"/> only after its Scheduled bit was set by a compare-and-swap, and clears
/// the bit at the end of its run. So it runs on one thread at a time, whichever that is.
/// </para>
/// </remarks>
public sealed class ChainDispatcher : MessageDispatcher
{
    // What is under way waits for this thread, also where others are idle: some 0.3 ms of turns.
    private const int ChainLimit = 16;
    private const int MaxWaiting = 8;

    [ThreadStatic]
    private static Chain? _chain;

    internal ChainDispatcher(MessageDispatcherConfigurator configurator, string id, int throughput)
        : base(configurator)
    {
        Id = id;
        Throughput = throughput;
    }

    /// <summary>
    /// Runs something now, and then on this thread what it told to idle actors: for who brings something from outside, such as the bytes of a
    /// socket, and has nothing better to do. The caller holds no lock.
    /// </summary>
    public static void Execute<T>(T state, Action<T> action)
    {
        if (_chain is { IsRunning: true })
        {
            action(state);
            return;
        }

        var chain = _chain ??= new Chain();
        chain.IsRunning = true;
        try
        {
            action(state);
            chain.Drain();
        }
        finally
        {
            chain.End();
        }
    }

    /// <summary>Runs a work behind what runs on this thread now, if there is room for it there; else on another one.</summary>
    public static void RunBehind(IRunnable work)
    {
        if (_chain is not { } chain || !chain.TryAdd(work))
        {
            ToPool(work);
        }
    }

    /// <summary>Runs a work later, on a dispatcher, beside the caller if there is a thread for it: for a helper.</summary>
    public static void ScheduleApart(MessageDispatcher dispatcher, IRunnable work)
    {
        if (dispatcher is ChainDispatcher)
        {
            ToPool(work);
        }
        else
        {
            dispatcher.Schedule(work);
        }
    }

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run) => RunBehind(run);

    /// <inheritdoc/>
    protected override void Shutdown()
    {
    }

    // Not preferLocal: a thread's local queue is last in, first out, and an actor that used up its quota would be next again.
    private static void ToPool(IRunnable run) => ThreadPool.UnsafeQueueUserWorkItem(new PoolItem(run), preferLocal: false);

    /// <summary>What begins a chain on a thread of the pool. An object of its own, since a mailbox's own Execute begins none.</summary>
    private sealed class PoolItem(IRunnable run) : IThreadPoolWorkItem
    {
        public void Execute() => ChainDispatcher.Execute(run, static run => run.Run());
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

        public void Drain()
        {
            for (var i = 1; i < ChainLimit && _waiting.TryDequeue(out var next); i++)
            {
                next.Run();
            }
        }

        public void End()
        {
            IsRunning = false;
            while (_waiting.TryDequeue(out var left))
            {
                ToPool(left);
            }
        }
    }
}
