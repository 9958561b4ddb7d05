namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>
/// A world in one thread: one queue of works, of which a seed picks the next, and virtual time, which jumps to the next timer when no
/// work is ready. Its processes (<see cref="SimNode"/>) run the real Akka.Cluster and Akka.Cluster.Sharding. Two runs of the same program
/// with the same seed are the same run, message by message, which <see cref="TraceHash"/> shows.
/// </summary>
/// <remarks>
/// <para>
/// <b>How Akka is brought here.</b> Its extension points take most of it: a dispatcher whose mailboxes run as works (<see cref="SimDispatcher"/>),
/// a scheduler in virtual time, a logger without an actor, a transport (<see cref="SimTransport"/>) into the world's network. Each work
/// runs inside of a task of its process's own task scheduler, so that awaits, ContinueWith and StartNew come back to the queue.
/// It is not a SynchronizationContext: an await in ReceiveAsync would prefer that to the actor's own scheduler, and lose the actor.
/// </para>
/// <para>
/// <b>What extension points do not reach</b> is rewritten in copies of Akka's assemblies (tests/Weaver, tests/SimHooks): clocks that are read directly,
/// ConfigureAwait(false), Task.Run, and the blocking waits in the starts of remoting, cluster and sharding. Such a wait runs the rest of the world,
/// nested on the same stack, until its task is complete.
/// </para>
/// <para>
/// <b>What would differ from run to run</b> is made equal: random numbers that Akka keeps for each thread and counters that it keeps for the process
/// (<see cref="AkkaStatics"/>), and the seeds of hash codes (<see cref="StableHashes"/>), since Akka enumerates sets and dictionaries in the order
/// of hash codes. So there is one world at a time in a process, and a process that runs worlds does nothing else (see Runner).
/// </para>
/// <para>
/// <b>What guards it.</b> Work from another thread throws here; the runner counts items of the thread pool, of which there must be none; the weaver fails
/// the build when a version of Akka brings a call that leaves; a test runs seeds twice and in two processes and compares.
/// </para>
/// <para>
/// <b>What it cannot show</b>: races of threads in Akka or in lock-free code, real sockets and TLS, memory limits, and stops of the garbage collector
/// other than as <see cref="SimNode.Pause"/>. A seed's run is not the same any more when the code, Akka or .NET changes.
/// </para>
/// </remarks>
internal sealed class SimWorld
{
    // Guards against works that make each other ready for ever: a world of five nodes takes some 3,000 steps for a second.
    private const long MaxSteps = 50_000_000;

    [ThreadStatic]
    private static SimWorld? _current;

    private readonly List<(SimNode? Node, object Work)> _ready = [];
    private readonly PriorityQueue<SimTimer, (long Due, long Sequence)> _timers = new();
    private readonly Random _picks;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile Exception? _intrusion;
    private TraceHash _hash = Kernel.TraceHash.Start;
    private long _sequence;
    private long _steps;

    /// <summary>A new world, the only one in its process from now on.</summary>
    public SimWorld(int seed)
    {
        AkkaStatics.Reset();
        Seed = seed;
        _picks = new Random(seed);
        // Sequences of their own: one more delay that is drawn must not reshuffle all picks after it.
        Random = new Random(unchecked((seed * 486187739) + 7));
        AkkaRandom = new Random(unchecked((seed * 486187739) + 13));
        Network = new SimNetwork(this);
    }

    /// <summary>The world that this thread runs; null outside of one.</summary>
    public static SimWorld? Current => _current;

    /// <summary>When each world begins: on a leap day, half an hour before the date changes.</summary>
    public static DateTime Epoch { get; } = new(2028, 2, 29, 23, 30, 0, DateTimeKind.Utc);

    public int Seed { get; }

    /// <summary>For the world: delays, troubles, what clients do.</summary>
    public Random Random { get; }

    public SimNetwork Network { get; }

    /// <summary>Virtual time since the beginning.</summary>
    public TimeSpan Now => new(Ticks);

    public DateTime UtcNow => Epoch.AddTicks(Ticks);

    /// <summary>How many messages were told to actors.</summary>
    public long Messages { get; private set; }

    /// <summary>A hash over all messages (time, process, receiver, text) and all traced lines, in order.</summary>
    public ulong TraceHash => _hash.Value;

    /// <summary>Is told each message and each traced line.</summary>
    public Action<string>? OnTrace { get; set; }

    /// <summary>Is told what processes log.</summary>
    public Action<SimNode, Akka.Event.LogEvent>? OnLog { get; set; }

    /// <summary>Virtual time since the beginning, in ticks of 100 ns.</summary>
    internal long Ticks { get; private set; }

    /// <summary>What Akka's own chance comes from.</summary>
    internal Random AkkaRandom { get; }

    /// <summary>Runs an action of the world at a virtual time; those of one instant run in the order of these calls.</summary>
    public SimTimer After(TimeSpan delay, Action action) => Arm(new SimTimer(this, null, action), delay);

    /// <summary>Runs an action of the world again and again, after pauses between two bounds that are drawn anew each time.</summary>
    public void Every(TimeSpan min, TimeSpan max, Action action) => After(Between(min, max), () =>
    {
        action();
        Every(min, max, action);
    });

    /// <summary>A time between two bounds, both included.</summary>
    public TimeSpan Between(TimeSpan min, TimeSpan max) => new(min.Ticks + Random.NextInt64(max.Ticks - min.Ticks + 1));

    /// <summary>Adds a line of the world to the trace.</summary>
    public void Trace(string line)
    {
        _hash = _hash.With(Ticks).With(line);
        OnTrace?.Invoke(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Now.TotalSeconds:F6} {line}"));
    }

    /// <summary>Runs for a virtual time.</summary>
    public void RunFor(TimeSpan time) => Drive(static () => false, Ticks + time.Ticks);

    /// <summary>Runs until a condition holds, which is looked at after each step.</summary>
    /// <returns>False: it did not come true within that virtual time.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan max) => Drive(condition, Ticks + max.Ticks);

    internal void Schedule(SimNode? node, object work)
    {
        CheckThread();
        _ready.Add((node, work));
    }

    internal SimTimer Arm(SimTimer timer, TimeSpan delay)
    {
        CheckThread();
        _timers.Enqueue(timer, (Ticks + Math.Max(0, delay.Ticks), _sequence++));
        return timer;
    }

    internal void TraceMessage(SimNode node, string receiver, object message)
    {
        Messages++;
        // The first line only: the text of a stack trace changes when the JIT inlines.
        var text = message.ToString().AsSpan();
        if (text.IndexOf('\n') is >= 0 and var end)
            text = text[..end];
        _hash = _hash.With(Ticks).With(node.Name).With(receiver).With(text);
        if (OnTrace is { } onTrace)
            onTrace(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Now.TotalSeconds:F6} {node.Name} {receiver} <- {text}"));
    }

    /// <summary>Runs code as if in this world: a test's calls into processes.</summary>
    internal void Inside(Action action)
    {
        var (outer, random, context) = (_current, AkkaStatics.ThreadRandom.Value!, SynchronizationContext.Current);
        _current = this;
        AkkaStatics.ThreadRandom.Value = AkkaRandom;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            AkkaStatics.ThreadRandom.Value = random;
            _current = outer;
        }
    }

    /// <summary>Runs the world within a work of it.</summary>
    /// <param name="condition">When to come back.</param>
    /// <param name="max">How long in virtual time; below zero for as long as there is something to run.</param>
    internal bool PumpNested(Func<bool> condition, TimeSpan max) => Drive(condition, max < TimeSpan.Zero ? long.MaxValue : Ticks + max.Ticks);

    private bool Drive(Func<bool> done, long end)
    {
        var isDone = false;
        Inside(() =>
        {
            while (!(isDone = done()) && Step(end))
            {
            }
        });
        return isDone;
    }

    /// <summary>All timers of an instant fire before the works that they make ready, so that these can interleave.</summary>
    /// <returns>False: there is nothing to do until then.</returns>
    private bool Step(long end)
    {
        CheckThread();
        if (_steps++ > MaxSteps)
            throw new InvalidOperationException($"Seed {Seed}: more than {MaxSteps} steps, at {Now}.");
        if (TryFire(Ticks))
            return true;
        if (_ready.Count > 0)
        {
            var pick = _picks.Next(_ready.Count);
            var (node, work) = _ready[pick];
            // The last one takes its place: only that it is a function of the seed and the calls matters.
            _ready[pick] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (node is null)
                ((Action)work)();
            else
                node.Execute(work);
            return true;
        }
        if (NextDue() is { } due && due <= end)
        {
            Ticks = due;
            return TryFire(due);
        }
        Ticks = end == long.MaxValue ? Ticks : Math.Max(Ticks, end);
        return false;
    }

    private bool TryFire(long now)
    {
        if (NextDue() is not { } due || due > now)
            return false;
        _timers.Dequeue().Fire();
        return true;
    }

    /// <summary>Cancelled timers and those of dead processes must not keep the clock busy.</summary>
    private long? NextDue()
    {
        while (_timers.TryPeek(out var timer, out var at))
        {
            if (!timer.IsOver)
                return at.Due;
            _timers.Dequeue();
        }
        return null;
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _intrusion = new InvalidOperationException($"Seed {Seed}: work came from another thread. At:{Environment.NewLine}{Environment.StackTrace}");
            throw _intrusion;
        }
        // Thrown here as well: on the other thread it may have gone unnoticed.
        if (_intrusion is { } intrusion)
            throw new InvalidOperationException(intrusion.Message, intrusion);
    }
}
