using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// Akka's scheduler on .NET's own timers: <c>akka.scheduler.implementation</c>. It wakes when something is due, to the millisecond; Akka's own
/// wakes a hundred times a second, also in an idle node, and is up to 10 ms late.
/// </summary>
/// <remarks>
/// And it cuts one delay. A shard coordinator that takes over waits 500 ms before it
/// answers where shards are, and no setting of Akka reaches that; it is most of the time for which rooms stand still when the
/// coordinator's node dies. The delay lets regions whose end the new coordinator has not heard of be noticed first; where it is cut short such a shard is
/// asked for once more. Should Akka rename the message, its 500 ms are back, and nothing else happens: a test notices.
/// </remarks>
public sealed class CoordinatorScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    /// <summary>The type of the message that the coordinator sends to itself at the end of its delay.</summary>
    public const string CutMessage = "Akka.Cluster.Sharding.ShardCoordinator+StateInitialized";

    /// <summary>Akka's delay.</summary>
    public static readonly TimeSpan AkkasDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>What takes its place: the time in which what has arrived already is handled.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private volatile bool _isDisposed;

    /// <summary>As Akka makes it.</summary>
    public CoordinatorScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => TimeProvider.System.GetElapsedTime(0);

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

    /// <summary>Sees each time that a delay is cut; for the test that notices when Akka changes.</summary>
    internal Action? OnCut { get; set; }

    /// <summary>Nothing falls due any more.</summary>
    public void Dispose() => _isDisposed = true;

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Arm(Cut(delay, message), Timeout.InfiniteTimeSpan, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Arm(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Arm(delay, Timeout.InfiniteTimeSpan, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Arm(delay, Timeout.InfiniteTimeSpan, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Arm(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Arm(initialDelay, interval, action.Run, cancelable);

    private void Arm(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable) => _ = new Due(this, action, cancelable, delay, interval);

    private TimeSpan Cut(TimeSpan delay, object message)
    {
        if (delay != AkkasDelay || message.GetType().FullName != CutMessage)
            return delay;
        OnCut?.Invoke();
        return Delay;
    }

    /// <summary>What falls due, once or again and again. .NET keeps it as long as that is to come.</summary>
    private sealed class Due
    {
        private readonly CoordinatorScheduler _scheduler;
        private readonly Action _action;
        private readonly ICancelable? _cancelable;
        private readonly ITimer _timer;

        public Due(CoordinatorScheduler scheduler, Action action, ICancelable? cancelable, TimeSpan delay, TimeSpan interval)
        {
            (_scheduler, _action, _cancelable) = (scheduler, action, cancelable);

            // Not armed before it is whole: it may fire at once, on another thread.
            _timer = TimeProvider.System.CreateTimer(static due => ((Due)due!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, interval);
        }

        private void Fire()
        {
            if (_scheduler._isDisposed || _cancelable is { IsCancellationRequested: true })
            {
                _timer.Dispose();
                return;
            }

            try
            {
                _action();
            }
            catch (Exception error)
            {
                _scheduler.Log.Error(error, "What was scheduled has failed.");
            }
        }
    }
}
