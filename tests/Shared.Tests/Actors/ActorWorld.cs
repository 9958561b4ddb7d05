using System.Diagnostics.Metrics;
using ClusterChat.Actors;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Actors;

/// <summary>A simulated actor system with a journal of what happened, its log lines and its metrics.</summary>
internal sealed class ActorWorld : ILogger<ActorSystem>, IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];

    public ActorWorld(int seed = 1)
    {
        Simulation = new Simulation(seed);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            Metrics[instrument.Name] = Metrics.GetValueOrDefault(instrument.Name) + value);
        _listener.Start();
        System = new ActorSystem(Simulation.Dispatcher, Simulation.Clock, this, this, new Random(seed));
    }

    public Simulation Simulation { get; }

    public ActorSystem System { get; }

    public List<string> Seen { get; } = [];

    public List<(int Id, LogLevel Level, string Text)> Logs { get; } = [];

    public Dictionary<string, long> Metrics { get; } = [];

    public IActorRef<string> Spawn(string name, Action<IActorContext<string>, string>? onMessage = null, Func<ActorProps<string>, ActorProps<string>>? with = null) =>
        Spawn(name, () => Recorder(name, onMessage), with);

    public IActorRef<string> Spawn(string name, Func<Actor<string>> create, Func<ActorProps<string>, ActorProps<string>>? with = null)
    {
        var props = new ActorProps<string>(name, create);
        return System.Spawn(with?.Invoke(props) ?? props);
    }

    /// <summary>Writes down its life as "name+", "name:message", "name." (turn end) and "name-".</summary>
    public InlineActor<string> Recorder(string name, Action<IActorContext<string>, string>? onMessage = null, Action<IActorContext<string>>? onStart = null) => new()
    {
        Started = context =>
        {
            Seen.Add(name + "+");
            onStart?.Invoke(context);
        },
        Message = (context, message) =>
        {
            Seen.Add(name + ":" + message);
            onMessage?.Invoke(context, message);
        },
        TurnEnded = _ => Seen.Add(name + "."),
        Stopping = _ => Seen.Add(name + "-"),
    };

    public void RunUntilIdle() => Simulation.RunUntilIdle();

    public void RunFor(double milliseconds) => Simulation.RunFor(TimeSpan.FromMilliseconds(milliseconds));

    Meter IMeterFactory.Create(MeterOptions options)
    {
        var meter = new Meter(options.Name);
        _meters.Add(meter);
        return meter;
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logs.Add((eventId.Id, logLevel, formatter(state, exception)));

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }
}
