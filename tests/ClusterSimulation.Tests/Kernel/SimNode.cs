using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using ClusterChat.SimHooks;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>
/// A process of the world: one actor system, its timers, its tasks. It can be paused as by SIGSTOP and killed as by SIGKILL. A
/// restart is a new one with the same name.
/// </summary>
internal sealed class SimNode
{
    [ThreadStatic]
    private static SimNode? _current;

    private readonly Queue<object> _held = new();
    private readonly HookTarget _hooks;
    private ActorSystem? _system;

    /// <param name="world">Where it runs.</param>
    /// <param name="name">Its host's name: what the network and the trace know it by.</param>
    public SimNode(SimWorld world, string name)
    {
        (World, Name) = (world, name);
        Tasks = new SimTaskScheduler(this);
        Clock = new SimTimeProvider(this);
        _hooks = new HookTarget(this);
    }

    /// <summary>Whose code runs on this thread; null outside of a process.</summary>
    public static SimNode? Current => _current;

    public SimWorld World { get; }

    public string Name { get; }

    /// <summary>The world's time; its timers belong to the process.</summary>
    public TimeProvider Clock { get; }

    /// <summary>By how much its wall clock is wrong. Its monotonic clock and its timers do not notice.</summary>
    public TimeSpan UtcOffset { get; set; }

    public bool IsPaused { get; private set; }

    public bool IsKilled { get; private set; }

    /// <exception cref="InvalidOperationException">It is not started, or in the middle of that.</exception>
    public ActorSystem System => _system ?? throw new InvalidOperationException($"{Name} has no actor system yet.");

    internal SimTaskScheduler Tasks { get; }

    /// <summary>The process that a piece of Akka is made in.</summary>
    /// <exception cref="InvalidOperationException">None: the actor system is not made by <see cref="Start"/>.</exception>
    internal static SimNode Required => _current ?? throw new InvalidOperationException("This is made in a simulated process only.");

    /// <summary>
    /// Makes the actor system. Akka blocks in it, so the world may move on before this comes back: the process may have been paused or killed by then.
    /// </summary>
    /// <param name="systemName">Equal for all members of a cluster.</param>
    /// <param name="config">The program's own; <see cref="SimConfig"/> is laid over it.</param>
    /// <param name="setups">What else the system is given.</param>
    public void Start(string systemName, Config config, params Setup[] setups) => Enter(() =>
    {
        var bootstrap = BootstrapSetup.Create().WithConfig(SimConfig.Of(Name).WithFallback(config));
        _system = ActorSystem.Create(systemName, ActorSystemSetup.Create([bootstrap, .. setups]));
    });

    /// <summary>Nothing runs until <see cref="Resume"/>. Time goes on, peers' connections stay, and what they send gathers.</summary>
    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (_held.TryDequeue(out var work))
            Schedule(work);
    }

    /// <summary>Nothing of it ever runs again, no PostStop and no finally after an await. Its peers' connections end, and who dials it is refused.</summary>
    public void Kill()
    {
        if (IsKilled)
            return;
        IsKilled = true;
        _held.Clear();
        World.Network.End(this);
    }

    /// <summary>Runs code of the test in the process, now, even if it is paused. Of a killed one nothing runs.</summary>
    public void Enter(Action action) => World.Inside(() => Run(action));

    /// <summary>Asks something of the process, now; null if it is killed.</summary>
    public T? Query<T>(Func<ActorSystem, T> question) where T : struct
    {
        T? answer = null;
        if (_system is { } system)
            Enter(() => answer = question(system));
        return answer;
    }

    /// <param name="work">A mailbox or other IRunnable, a task of <see cref="Tasks"/>, or an Action.</param>
    internal void Schedule(object work)
    {
        if (!IsKilled)
            World.Schedule(this, work);
    }

    internal void Execute(object work)
    {
        if (IsPaused)
            _held.Enqueue(work);
        else
            Run(work);
    }

    private void Run(object work)
    {
        if (IsKilled)
            return;
        var (outer, hooks) = (_current, Hooks.Target);
        (_current, Hooks.Target) = (this, _hooks);
        try
        {
            if (work is Task queued)
            {
                Tasks.Run(queued);
                return;
            }
            // In a task, so that TaskScheduler.Current is ours.
            var task = new Task(RunWork, work);
            task.RunSynchronously(Tasks);
            task.GetAwaiter().GetResult();
        }
        catch (Exception) when (IsKilled)
        {
            // It died in a blocking wait, and its stack was unwound.
        }
        finally
        {
            (_current, Hooks.Target) = (outer, hooks);
        }
    }

    private static void RunWork(object? work)
    {
        if (work is IRunnable runnable)
            runnable.Run();
        else
            ((Action)work!)();
    }

    private sealed class HookTarget(SimNode node) : IHookTarget
    {
        public DateTime UtcNow => node.World.UtcNow + node.UtcOffset;

        public TimeSpan Monotonic => node.World.Now;

        public Random Random => node.World.AkkaRandom;

        public TaskScheduler Tasks => node.Tasks;

        public TimeProvider Clock => node.Clock;

        /// <exception cref="SimKilledException">The process was killed meanwhile.</exception>
        public bool Pump(Task until, TimeSpan max)
        {
            node.World.PumpNested(() => node.IsKilled || (until.IsCompleted && !node.IsPaused), max);
            return node.IsKilled ? throw new SimKilledException(node.Name) : until.IsCompleted;
        }
    }
}
