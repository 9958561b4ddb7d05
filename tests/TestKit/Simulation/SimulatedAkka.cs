using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using ClusterChat.Actors;

namespace ClusterChat.TestKit;

/// <summary>Named in the configuration as a dispatcher's type; made while a process makes its system.</summary>
public sealed class SimulatedMailboxesConfigurator : MessageDispatcherConfigurator
{
    private readonly SimulatedMailboxes _dispatcher;

    public SimulatedMailboxesConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new SimulatedMailboxes(this, SimulatedProcess.Starting, config.GetInt("throughput"));

    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>Each run of a mailbox is a work of its process.</summary>
internal sealed class SimulatedMailboxes : MessageDispatcher
{
    private readonly SimulatedProcess _process;

    public SimulatedMailboxes(MessageDispatcherConfigurator configurator, SimulatedProcess process, int throughput)
        : base(configurator)
    {
        _process = process;
        Id = "simulated";
        Throughput = throughput;
    }

    public override void Dispatch(ActorCell cell, Envelope envelope)
    {
        _process.TraceMessage(cell.Self.Path.Name, envelope.Message);
        base.Dispatch(cell, envelope);
    }

    protected override void ExecuteTask(IRunnable run) => _process.Schedule(run);

    protected override void Shutdown()
    {
    }
}

/// <summary>Akka's timers, in the time of their process.</summary>
public sealed class SimulatedScheduler : SchedulerBase, IDisposable
{
    private readonly SimulatedProcess _process;

    public SimulatedScheduler(Config config, ILoggingAdapter log)
        : base(config, log) => _process = SimulatedProcess.Starting;

    public override TimeSpan MonotonicClock => _process.Clock.GetElapsedTime(0);

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => _process.Clock.GetUtcNow();

    public void Dispose()
    {
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable)
        => Arm(delay, Timeout.InfiniteTimeSpan, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable)
        => Arm(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable)
        => Arm(delay, Timeout.InfiniteTimeSpan, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
        => Arm(delay, Timeout.InfiniteTimeSpan, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable)
        => Arm(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable)
        => Arm(initialDelay, interval, action.Run, cancelable);

    private void Arm(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable)
    {
        ITimer? timer = null;
        timer = _process.Clock.CreateTimer(
            _ =>
            {
                if (cancelable?.IsCancellationRequested ?? false)
                    timer?.Dispose();
                else
                    action();
            },
            null,
            delay > TimeSpan.Zero ? delay : TimeSpan.Zero,
            interval);
    }
}

/// <summary>Tells the process what is logged as an error. No actor: an actor that logs would keep the start waiting for it, in real time.</summary>
public sealed class SimulatedLogger : MinimalLogger
{
    private readonly SimulatedProcess _process = SimulatedProcess.Starting;

    protected override void Log(object message)
    {
        if (message is Error error)
            _process.OnError?.Invoke($"{error.LogSource}: {error.Message} {error.Cause}");
    }
}

/// <summary>What makes an actor system part of a simulation.</summary>
internal static class SimulatedAkka
{
    // One message a run: others may come between any two of them.
    private const string Dispatcher = """{ type = "ClusterChat.TestKit.SimulatedMailboxesConfigurator, ClusterChat.TestKit", throughput = 1 }""";

    public static Config Conf { get; } = ConfigurationFactory.ParseString($$"""
        akka {
          scheduler.implementation = "ClusterChat.TestKit.SimulatedScheduler, ClusterChat.TestKit"
          loggers = ["ClusterChat.TestKit.SimulatedLogger, ClusterChat.TestKit"]
          stdout-logger-class = "ClusterChat.TestKit.SimulatedLogger, ClusterChat.TestKit"
          loglevel = ERROR
          stdout-loglevel = ERROR
          log-dead-letters = off
          coordinated-shutdown.run-by-actor-system-terminate = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor {
            default-dispatcher {{Dispatcher}}
            internal-dispatcher {{Dispatcher}}
            synchronized-dispatcher {{Dispatcher}}
            task-dispatcher {{Dispatcher}}
            default-fork-join-dispatcher {{Dispatcher}}
            default-blocking-io-dispatcher {{Dispatcher}}
          }
          io.pinned-dispatcher {{Dispatcher}}
        }
        """).WithFallback(ActorsConf.Load());
}
