using ClusterChat.Actors;

namespace ClusterChat.TestKit;

/// <summary>
/// A process of the simulated world: everything that runs in it (turns, timers, continuations of awaits that began in it) goes
/// through it, so that it can be paused as by SIGSTOP and killed as by SIGKILL. What is outside of it, such as the virtual
/// network, is not: it decides itself what a message to a dead process means.
/// </summary>
public sealed class SimulatedProcess : IDispatcher
{
    private readonly Simulation _simulation;
    private readonly ProcessContext _context;
    private readonly Queue<IRunnable> _held = new();

    public SimulatedProcess(Simulation simulation, string name)
    {
        _simulation = simulation;
        _context = new ProcessContext(this);
        Name = name;
        Clock = new ProcessClock(this);
    }

    public string Name { get; }

    /// <summary>The world's time; its timers belong to the process.</summary>
    public TimeProvider Clock { get; }

    public bool IsPaused { get; private set; }

    public bool IsKilled { get; private set; }

    /// <summary>By how much its wall clock is wrong. Its monotonic clock and its timers do not notice.</summary>
    public TimeSpan UtcOffset { get; set; }

    /// <summary>Nothing runs until <see cref="Resume"/>; time goes on, and what falls due meanwhile runs then.</summary>
    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (_held.TryDequeue(out var work))
            Schedule(work);
    }

    /// <summary>Nothing of it ever runs again: no OnStop, no finally after an await. A restart is a new process.</summary>
    public void Kill()
    {
        IsKilled = true;
        _held.Clear();
    }

    /// <summary>Runs an action in the process, as a step of its own: for its start-up, and for what reaches it from outside.</summary>
    public void Post(Action action, string name = "action") => Schedule(new ActionWork(action, $"{Name} {name}"));

    public void Schedule(IRunnable work)
    {
        if (!IsKilled)
            _simulation.Dispatcher.Schedule(new Step(this, work));
    }

    private void Run(IRunnable work)
    {
        if (IsKilled)
            return;
        if (IsPaused)
        {
            _held.Enqueue(work);
            return;
        }
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            work.Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private sealed class Step(SimulatedProcess process, IRunnable work) : IRunnable
    {
        public void Run() => process.Run(work);

        public override string ToString() => work is ActionWork ? work.ToString()! : $"{process.Name} {work}";
    }

    private sealed class ActionWork(Action action, string name) : IRunnable
    {
        public void Run() => action();

        public override string ToString() => name;
    }

    private sealed class ProcessContext(SimulatedProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.Post(() => d(state), "continuation");

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("A synchronous wait would stop the whole simulation.");

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class ProcessClock(SimulatedProcess process) : TimeProvider
    {
        private ManualClock World => process._simulation.Clock;

        public override TimeZoneInfo LocalTimeZone => World.LocalTimeZone;

        public override long TimestampFrequency => World.TimestampFrequency;

        public override long GetTimestamp() => World.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => World.GetUtcNow() + process.UtcOffset;

        /// <summary>
        /// A callback runs in the timer's own instant, before other work, unless the process is held up: then it waits
        /// with the rest. A timer that was disposed meanwhile still runs its callback then, as on the real thread pool; one
        /// with a period that fell due many times runs it once.
        /// </summary>
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isHeldUp = false;
            var work = new ActionWork(Call, $"{process.Name} timer");
            ITimer? timer = null;
            timer = World.CreateTimer(_ => Fire(), null, dueTime, period);
            return timer;

            void Fire()
            {
                // Else the heartbeats of the dead would keep the clock busy for the rest of a long run.
                if (process.IsKilled)
                    timer?.Dispose();
                else if (!isHeldUp)
                    Run();
            }

            void Run()
            {
                isHeldUp = process.IsPaused;
                process.Run(work);
            }

            void Call()
            {
                isHeldUp = false;
                callback(state);
            }
        }
    }
}
