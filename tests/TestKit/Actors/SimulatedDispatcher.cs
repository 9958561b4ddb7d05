using ClusterChat.Actors;

namespace ClusterChat.TestKit;

/// <summary>
/// Holds what is scheduled until the test runs it, on the test's thread, in an order that a seed picks. The same seed and
/// the same order of schedule calls give the same picks. Not thread-safe, and a call from another thread than the one that made
/// it throws: it means that something left the simulation.
/// </summary>
public sealed class SimulatedDispatcher : IDispatcher
{
    private const ulong HashPrime = 1099511628211;

    private readonly List<IRunnable> _ready = [];
    private readonly Random _random;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile Exception? _intrusion;

    public SimulatedDispatcher(int seed)
    {
        Seed = seed;
        _random = new Random(seed);
    }

    public int Seed { get; }

    /// <summary>How many works have run.</summary>
    public long Steps { get; private set; }

    /// <summary>How many works wait.</summary>
    public int Ready => _ready.Count;

    /// <summary>A hash (FNV-1a) over the names of all works that ran and what was traced, in order: equal for equal runs.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Is told each step and each traced line, for a log of a failing run.</summary>
    public Action<string>? OnTrace { get; set; }

    public void Schedule(IRunnable work)
    {
        CheckThread();
        _ready.Add(work);
    }

    /// <summary>Schedules an action as a work of its own.</summary>
    public void Post(Action action, string name = "action") => Schedule(new ActionWork(action, name));

    /// <returns>False if nothing was ready.</returns>
    public bool RunOne()
    {
        CheckThread();
        if (_ready.Count == 0)
            return false;
        var pick = _random.Next(_ready.Count);
        var work = _ready[pick];
        // The last one takes its place: order does not matter here, only that it is a function of the seed and the calls.
        _ready[pick] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Steps++;
        Trace(work.ToString() ?? "");
        work.Run();
        return true;
    }

    /// <returns>How many works ran.</returns>
    /// <exception cref="InvalidOperationException">There was still work after <paramref name="maxSteps"/>.</exception>
    public int RunUntilIdle(int maxSteps = 1_000_000)
    {
        var steps = 0;
        while (RunOne())
        {
            if (++steps >= maxSteps && _ready.Count > 0)
                throw new InvalidOperationException($"Seed {Seed}: still busy after {maxSteps} steps; next would be one of: {string.Join(", ", _ready.Take(10))}.");
        }
        return steps;
    }

    /// <summary>Adds a line to the trace, such as what a virtual network did.</summary>
    public void Trace(string line)
    {
        foreach (var c in line)
            TraceHash = (TraceHash ^ c) * HashPrime;
        TraceHash = (TraceHash ^ '\n') * HashPrime;
        OnTrace?.Invoke(line);
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _intrusion = new InvalidOperationException(
                $"Seed {Seed}: work reached the simulation from another thread; something left its synchronization context (Task.Run, ConfigureAwait(false), real I/O). At:{Environment.NewLine}{Environment.StackTrace}");
            throw _intrusion;
        }
        // Thrown here as well: on the other thread it may have gone unnoticed.
        if (_intrusion is { } intrusion)
            throw new InvalidOperationException(intrusion.Message, intrusion);
    }

    private sealed class ActionWork(Action action, string name) : IRunnable
    {
        public void Run() => action();

        public override string ToString() => name;
    }
}
