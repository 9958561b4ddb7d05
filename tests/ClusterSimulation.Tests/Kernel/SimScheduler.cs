using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Akka's timers in virtual time, with the one delay cut short that the program's own scheduler cuts.</summary>
internal sealed class SimScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log), IDisposable
{
    private readonly SimNode _node = SimNode.Required;

    public override TimeSpan MonotonicClock => _node.World.Now;

    public override TimeSpan HighResMonotonicClock => _node.World.Now;

    protected override DateTimeOffset TimeNow => _node.Clock.GetUtcNow();

    public void Dispose()
    {
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Arm(Cut(delay, message), TimeSpan.Zero, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Arm(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Arm(delay, TimeSpan.Zero, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Arm(delay, TimeSpan.Zero, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Arm(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Arm(initialDelay, interval, action.Run, cancelable);

    private static TimeSpan Cut(TimeSpan delay, object message) =>
        delay == CoordinatorScheduler.AkkasDelay && message.GetType().FullName == CoordinatorScheduler.CutMessage ? CoordinatorScheduler.Delay : delay;

    private void Arm(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        _node.World.Arm(new SimTimer(_node.World, _node, action) { Period = interval, Cancelable = cancelable }, delay);
}
