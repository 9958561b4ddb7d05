using Akka.Actor;
using Akka.Dispatch;

namespace ClusterChat.TestKit;

/// <summary>
/// A process of the simulated world: everything that runs in it (turns, timers, continuations of awaits that began in it) goes
/// through it, so that it can be paused as by SIGSTOP and killed as by SIGKILL. What is outside of it, such as the virtual
/// network, is not: it decides itself what a message to a dead process means.
/// </summary>
public sealed class SimulatedProcess
{
    [ThreadStatic]
    private static SimulatedProcess? _starting;

    private readonly Simulation _simulation;
    private readonly SimulatedTasks _tasks;
    private readonly Queue<(Action<object?> Run, object? State)> _held = new();

    public SimulatedProcess(Simulation simulation, string name)
    {
        _simulation = simulation;
        _tasks = new SimulatedTasks(Schedule);
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

    /// <summary>Is told what its actor systems log as errors: actors that failed.</summary>
    public Action<string>? OnError { get; set; }

    /// <summary>The process whose system is being made.</summary>
    internal static SimulatedProcess Starting => _starting ?? throw new InvalidOperationException("An actor system of a simulation is made by Simulation.CreateActorSystem.");

    /// <summary>Nothing runs until <see cref="Resume"/>; time goes on, and what falls due meanwhile runs then.</summary>
    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (_held.TryDequeue(out var work))
            Schedule(work.Run, work.State);
    }

    /// <summary>Nothing of it ever runs again: no PostStop, no finally after an await. A restart is a new process.</summary>
    public void Kill()
    {
        IsKilled = true;
        _held.Clear();
    }

    /// <summary>Runs an action in the process, as a step of its own: for its start-up, and for what reaches it from outside.</summary>
    public void Post(Action action, string name = "action")
    {
        _simulation.Dispatcher.TraceMessage(Name, "", name);
        Schedule(static action => ((Action)action!)(), action);
    }

    internal void Schedule(IRunnable work) => Schedule(static work => ((IRunnable)work!).Run(), work);

    // Akka numbers some of its own actors over the whole real process.
    internal void TraceMessage(string actor, object message)
        => _simulation.Dispatcher.TraceMessage(Name, actor.StartsWith("EventStream", StringComparison.Ordinal) ? "EventStream" : actor, message.GetType().Name);

    internal ActorSystem CreateActorSystem()
    {
        var outer = _starting;
        _starting = this;
        try
        {
            ActorSystem? system = null;
            _tasks.Run(_ => system = ActorSystem.Create("clusterchat", SimulatedAkka.Conf), null);
            return system!;
        }
        finally
        {
            _starting = outer;
        }
    }

    private void Schedule(Action<object?> run, object? state)
    {
        if (!IsKilled)
            _simulation.Dispatcher.Schedule(static step => ((Step)step!).Run(), new Step(this, run, state));
    }

    private void Run(Action<object?> run, object? state)
    {
        if (IsKilled)
            return;
        if (IsPaused)
            _held.Enqueue((run, state));
        else
            _tasks.Run(run, state);
    }

    private sealed record Step(SimulatedProcess Process, Action<object?> Work, object? State)
    {
        public void Run() => Process.Run(Work, State);
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
            ITimer? timer = null;
            timer = World.CreateTimer(_ => Fire(), null, dueTime, period);
            return timer;

            void Fire()
            {
                // Else the heartbeats of the dead would keep the clock busy for the rest of a long run.
                if (process.IsKilled)
                {
                    timer?.Dispose();
                }
                else if (!isHeldUp)
                {
                    isHeldUp = process.IsPaused;
                    process.Run(_ => Call(), null);
                }
            }

            void Call()
            {
                isHeldUp = false;
                callback(state);
            }
        }
    }
}
