using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using ClusterChat.Actors;

namespace ClusterChat.MicroBench;

/// <summary>Makes the one <see cref="QueueDispatcher"/> of an actor system.</summary>
public sealed class QueueDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly QueueDispatcher _dispatcher;

    public QueueDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new QueueDispatcher(this);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>Runs turns on the benchmark's own thread, in the order in which they were scheduled.</summary>
public sealed class QueueDispatcher : MessageDispatcher
{
    private readonly Queue<IRunnable> _ready = [];

    internal QueueDispatcher(MessageDispatcherConfigurator configurator)
        : base(configurator) => (Id, Throughput) = ("queue", 80);

    /// <summary>A system whose actors run on such a dispatcher; Akka's own run as usual.</summary>
    public static ActorSystem CreateSystem() => ActorSystem.Create("bench", ConfigurationFactory.ParseString(
        """akka { loglevel = ERROR, actor.default-dispatcher.type = "ClusterChat.MicroBench.QueueDispatcherConfigurator, ClusterChat.MicroBench" }""")
        .WithFallback(ActorsConf.Load()));

    public void RunAll()
    {
        while (_ready.TryDequeue(out var work))
        {
            work.Run();
        }
    }

    protected override void ExecuteTask(IRunnable run) => _ready.Enqueue(run);

    protected override void Shutdown()
    {
    }
}
