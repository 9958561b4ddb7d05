using System.Reflection;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Util;

namespace ClusterChat.TestKit;

/// <summary>
/// A world in one thread: virtual time, a seeded choice of what runs next, and awaits that continue in the same queue. It runs
/// what is ready until nothing is, then moves the clock to the next timer. Two runs of the same program with the
/// same seed do the same, which <see cref="TraceHash"/> shows.
/// </summary>
/// <remarks>
/// Stays deterministic as long as the code inside uses <see cref="Clock"/> for time and <see cref="Random"/> for chance, and
/// does not leave the thread: no Task.Run, no ConfigureAwait(false) on something that is not complete, no real I/O. A
/// TaskCompletionSource with RunContinuationsAsynchronously may be awaited, but under Task.WhenAll, WhenAny, WaitAsync or
/// ContinueWith it leaves for the thread pool. What leaves and comes back throws in
/// <see cref="SimulatedDispatcher.Schedule"/>, and again on the simulation's own thread.
/// </remarks>
public sealed class Simulation
{
    // Akka draws uids, jitter and the like from it; it is seeded per thread.
    private static readonly ThreadLocal<Random> AkkaRandom = (ThreadLocal<Random>)typeof(ThreadLocalRandom)
        .GetField("_rng", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;

    private readonly SimulatedTasks _tasks;
    private readonly Random _akka;
    private MessageDispatcher? _mailboxes;

    public Simulation(int seed, DateTimeOffset? start = null)
    {
        Dispatcher = new SimulatedDispatcher(seed);
        Clock = new ManualClock(start);
        // Not the dispatcher's own sequence: a world that draws once more must not reshuffle all picks after it.
        Random = new Random(unchecked((seed * 486187739) + 7));
        _akka = new Random(unchecked((seed * 486187739) + 13));
        _tasks = new SimulatedTasks(Dispatcher.Schedule);
    }

    public int Seed => Dispatcher.Seed;

    public ManualClock Clock { get; }

    public SimulatedDispatcher Dispatcher { get; }

    /// <summary>For the world (delays, losses, kills).</summary>
    public Random Random { get; }

    public long Steps => Dispatcher.Steps;

    public ulong TraceHash => Dispatcher.TraceHash;

    /// <summary>How many steps one call may take before it counts as stuck.</summary>
    public long MaxSteps { get; init; } = 20_000_000;

    /// <summary>A dispatcher for what is no actor and runs like one.</summary>
    public MessageDispatcher Mailboxes
    {
        get
        {
            if (_mailboxes is null)
            {
                _mailboxes = CreateActorSystem().Dispatchers.DefaultGlobalDispatcher;
                RunUntilIdle();
            }

            return _mailboxes;
        }
    }

    /// <summary>A system in a process of its own.</summary>
    public ActorSystem CreateActorSystem() => CreateActorSystem(new SimulatedProcess(this, "process"));

    /// <summary>A system inside of a process that can be paused and killed.</summary>
    public ActorSystem CreateActorSystem(SimulatedProcess process)
    {
        ActorSystem? system = null;
        Inside(() => system = process.CreateActorSystem());
        return system!;
    }

    /// <summary>Runs an action as a step of its own, in any order with what else is ready.</summary>
    public void Post(Action action) => Dispatcher.Post(action);

    /// <summary>
    /// Runs an action when the virtual clock gets there. Actions of the same due time run in the order of these calls, so
    /// that a virtual link keeps its order by never letting its arrival times decrease.
    /// </summary>
    public ITimer After(TimeSpan delay, Action action) =>
        Clock.CreateTimer(static state => ((Action)state!)(), action, delay, Timeout.InfiniteTimeSpan);

    public void Trace(string line) => Dispatcher.Trace(line);

    public void RunUntilIdle() => Drive(static () => false, Clock.Elapsed);

    /// <summary>Runs for a time, and what is ready at its end.</summary>
    public void RunFor(TimeSpan time) => Drive(static () => false, Clock.Elapsed + time);

    /// <summary>Runs until the condition holds; it is looked at after every step and every timer instant.</summary>
    /// <exception cref="SimulationTimeoutException">It does not hold after <paramref name="maxVirtualTime"/>.</exception>
    public void RunUntil(Func<bool> condition, TimeSpan maxVirtualTime, string? what = null)
    {
        if (!TryRunUntil(condition, maxVirtualTime))
            throw new SimulationTimeoutException($"Seed {Seed}: {what ?? "the condition"} did not come true within {maxVirtualTime} (now at {Clock.Elapsed}, step {Steps}).");
    }

    /// <returns>Whether the condition came true.</returns>
    public bool TryRunUntil(Func<bool> condition, TimeSpan maxVirtualTime) =>
        Drive(condition, Clock.Elapsed + maxVirtualTime);

    /// <summary>Runs an async scenario of a test inside of the simulation to its end.</summary>
    public void Run(Func<Task> scenario, TimeSpan maxVirtualTime)
    {
        Task? running = null;
        Post(() => running = scenario());
        RunUntil(() => running is { IsCompleted: true }, maxVirtualTime, "the end of the scenario");
        running!.GetAwaiter().GetResult();
    }

    private bool Drive(Func<bool> done, TimeSpan end)
    {
        var isDone = false;
        Inside(() => isDone = DriveInside(done, end));
        return isDone;
    }

    private bool DriveInside(Func<bool> done, TimeSpan end)
    {
        var steps = 0L;
        while (!done())
        {
            if (steps++ >= MaxSteps)
                throw new SimulationTimeoutException($"Seed {Seed}: still busy after {MaxSteps} steps, at {Clock.Elapsed}.");
            // All timers of an instant fire before the work that they make ready, so that it can interleave.
            var instant = Clock.Elapsed;
            if (Clock.NextDue is { } due && due <= instant)
                Clock.TryFireNext(instant);
            else if (!Dispatcher.RunOne() && !MoveOn(end))
                return false;
        }
        return true;
    }

    /// <summary>Runs something with this world's chance and without the test's own synchronization context; what it awaits comes back here.</summary>
    private void Inside(Action action)
    {
        var (random, context) = (AkkaRandom.Value!, SynchronizationContext.Current);
        AkkaRandom.Value = _akka;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _tasks.Run(static action => ((Action)action!)(), action);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            AkkaRandom.Value = random;
        }
    }

    /// <summary>Nothing is ready: fires the first timer of the next instant.</summary>
    private bool MoveOn(TimeSpan end) =>
        Clock.TryFireNext(Clock.NextDue is { } next && next < end ? next : end);
}
