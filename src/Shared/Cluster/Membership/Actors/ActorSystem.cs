using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Membership.Actors;

/// <inheritdoc cref="IActorSystem"/>
public sealed partial class ActorSystem : IActorSystem
{
    private readonly ConcurrentDictionary<IActorCell, long> _roots = new();
    private readonly ILogger<ActorSystem> _logger;
    private readonly Random _random;
    private readonly Lock _randomLock = new();
    private long _lastRoot;
    private volatile bool _stopping;

    /// <param name="dispatcher">Runs the turns.</param>
    /// <param name="clock">Drives timers and back-off.</param>
    /// <param name="logger">Told of failures.</param>
    /// <param name="meters">Where the meter "ClusterChat.Cluster.Membership.Actors" is made; null for none.</param>
    /// <param name="random">For the jitter of back-offs; a seeded one makes them repeatable.</param>
    public ActorSystem(IDispatcher dispatcher, TimeProvider clock, ILogger<ActorSystem> logger, IMeterFactory? meters = null, Random? random = null)
    {
        Dispatcher = dispatcher;
        Clock = clock;
        _logger = logger;
        Metrics = new ActorMetrics(meters);
        _random = random ?? Random.Shared;
    }

    public TimeProvider Clock { get; }

    public long DeadLetters => Metrics.DeadLetters;

    public bool IsStopping => _stopping;

    public IDispatcher Dispatcher { get; }

    internal ActorMetrics Metrics { get; }

    public IActorRef<T> Spawn<T>(ActorProps<T> props) where T : class
    {
        var cell = new ActorCell<T>(this, parent: null, props);
        _roots[cell] = Interlocked.Increment(ref _lastRoot);
        // Checked after the cell is listed: either StopAsync sees the cell, or this sees the flag.
        if (_stopping)
        {
            cell.Stop();
            throw new InvalidOperationException($"Actor '{props.Name}' cannot start: the actor system is stopping.");
        }
        cell.Start();
        return cell;
    }

    public Task StopAsync()
    {
        _stopping = true;
        var stopped = new List<Task>();
        // In the order of their starts, so that a simulation's run repeats. Its own ToArray: others start and stop meanwhile.
        foreach (var (cell, _) in _roots.ToArray().OrderBy(static root => root.Value))
        {
            cell.Stop();
            stopped.Add(cell.Stopped);
        }
        return Task.WhenAll(stopped);
    }

    internal void RootStopped(IActorCell cell) => _roots.TryRemove(cell, out _);

    internal double Roll()
    {
        // An injected Random is not thread-safe, and a failure is rare.
        lock (_randomLock)
            return _random.NextDouble();
    }
}
