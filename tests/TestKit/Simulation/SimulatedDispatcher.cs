namespace ClusterChat.TestKit;

/// <summary>
/// Holds what is scheduled until the test runs it, on the test's thread, in an order that a seed picks. The same seed and
/// the same order of schedule calls give the same picks. Not thread-safe, and a call from another thread than the one that made
/// it throws: it means that something left the simulation.
/// </summary>
public sealed class SimulatedDispatcher
{
    private const ulong HashPrime = 1099511628211;

    private readonly List<(Action<object?> Run, object? State)> _ready = [];
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

    /// <summary>A hash (FNV-1a) over all that was traced, in order: equal for equal runs.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Is told each traced line, for a log of a failing run.</summary>
    public Action<string>? OnTrace { get; set; }

    /// <summary>Adds a work.</summary>
    public void Schedule(Action<object?> run, object? state)
    {
        CheckThread();
        _ready.Add((run, state));
    }

    /// <summary>Adds an action as a work of its own.</summary>
    public void Post(Action action, string name = "action")
    {
        Mix(name);
        Schedule(static action => ((Action)action!)(), action);
    }

    /// <returns>False if nothing was ready.</returns>
    public bool RunOne()
    {
        CheckThread();
        if (_ready.Count == 0)
            return false;
        var pick = _random.Next(_ready.Count);
        var (run, state) = _ready[pick];
        // The last one takes its place: order does not matter here, only that it is a function of the seed and the calls.
        _ready[pick] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Steps++;
        Mix(pick);
        run(state);
        return true;
    }

    /// <summary>Adds a line to the trace, such as what a virtual network did.</summary>
    public void Trace(string line)
    {
        Mix(line);
        OnTrace?.Invoke(line);
    }

    /// <summary>Adds a message to the trace.</summary>
    internal void TraceMessage(string process, string actor, string message)
    {
        Mix(process);
        Mix(actor);
        Mix(message);
        OnTrace?.Invoke($"{process} {actor} <- {message}");
    }

    private void Mix(string text)
    {
        var hash = TraceHash;
        foreach (var c in text)
            hash = (hash ^ c) * HashPrime;
        TraceHash = (hash ^ '\n') * HashPrime;
    }

    private void Mix(int number) => TraceHash = (TraceHash ^ (uint)number) * HashPrime;

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _intrusion = new InvalidOperationException(
                $"Seed {Seed}: work reached the simulation from another thread; something left it (Task.Run, ConfigureAwait(false), real I/O). At:{Environment.NewLine}{Environment.StackTrace}");
            throw _intrusion;
        }
        // Thrown here as well: on the other thread it may have gone unnoticed.
        if (_intrusion is { } intrusion)
            throw new InvalidOperationException(intrusion.Message, intrusion);
    }
}
