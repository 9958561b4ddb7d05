using System.Diagnostics;

namespace ClusterChat.SimHooks;

// These stand for the very calls that the rule forbids.
#pragma warning disable MA0167

public static partial class Hooks
{
    /// <summary>The process's wall clock.</summary>
    [Replaces("System.DateTime::get_UtcNow()")]
    public static DateTime DateTimeUtcNow() => _target?.UtcNow ?? DateTime.UtcNow;

    /// <summary>The process's wall clock; its time zone is UTC.</summary>
    [Replaces("System.DateTime::get_Now()")]
    public static DateTime DateTimeNow() => _target?.UtcNow ?? DateTime.Now;

    /// <inheritdoc cref="DateTimeUtcNow"/>
    [Replaces("System.DateTimeOffset::get_UtcNow()")]
    public static DateTimeOffset DateTimeOffsetUtcNow() => _target is { } t ? new DateTimeOffset(t.UtcNow) : DateTimeOffset.UtcNow;

    /// <inheritdoc cref="DateTimeNow"/>
    [Replaces("System.DateTimeOffset::get_Now()")]
    public static DateTimeOffset DateTimeOffsetNow() => _target is { } t ? new DateTimeOffset(t.UtcNow) : DateTimeOffset.Now;

    /// <summary>
    /// Since the beginning of the world and not of the watch: Akka's watches are static clocks, which are only compared with themselves, and the
    /// start of a static one would be another in each world.
    /// </summary>
    [Replaces("System.Diagnostics.Stopwatch::get_Elapsed()")]
    public static TimeSpan Elapsed(Stopwatch watch) => _target?.Monotonic ?? watch.Elapsed;

    /// <inheritdoc cref="Elapsed"/>
    [Replaces("System.Diagnostics.Stopwatch::get_ElapsedMilliseconds()")]
    public static long ElapsedMilliseconds(Stopwatch watch) =>
        _target is { } t ? t.Monotonic.Ticks / TimeSpan.TicksPerMillisecond : watch.ElapsedMilliseconds;

    /// <inheritdoc cref="Elapsed"/>
    [Replaces("System.Diagnostics.Stopwatch::get_ElapsedTicks()")]
    public static long ElapsedTicks(Stopwatch watch) =>
        _target is { } t ? t.Monotonic.Ticks * (Stopwatch.Frequency / TimeSpan.TicksPerSecond) : watch.ElapsedTicks;

    /// <summary>Milliseconds since the beginning of the world.</summary>
    [Replaces("System.Environment::get_TickCount()")]
    public static int TickCount() => _target is { } t ? (int)(t.Monotonic.Ticks / TimeSpan.TicksPerMillisecond) : Environment.TickCount;

    /// <summary>In virtual time.</summary>
    [Replaces("System.Threading.Tasks.Task::Delay(System.TimeSpan)")]
    public static Task Delay(TimeSpan delay) => _target is { } t ? Task.Delay(delay, t.Clock) : Task.Delay(delay);

    /// <inheritdoc cref="Delay(TimeSpan)"/>
    [Replaces("System.Threading.Tasks.Task::Delay(System.TimeSpan,System.Threading.CancellationToken)")]
    public static Task Delay(TimeSpan delay, CancellationToken token) => _target is { } t ? Task.Delay(delay, t.Clock, token) : Task.Delay(delay, token);

    /// <inheritdoc cref="Delay(TimeSpan)"/>
    [Replaces("System.Threading.Tasks.Task::Delay(System.Int32)")]
    public static Task Delay(int milliseconds) => Delay(TimeSpan.FromMilliseconds(milliseconds));

    /// <inheritdoc cref="Delay(TimeSpan)"/>
    [Replaces("System.Threading.Tasks.Task::Delay(System.Int32,System.Threading.CancellationToken)")]
    public static Task Delay(int milliseconds, CancellationToken token) => Delay(TimeSpan.FromMilliseconds(milliseconds), token);

    /// <inheritdoc cref="Delay(TimeSpan)"/>
    [Replaces("System.Threading.Tasks.Task::WaitAsync(System.TimeSpan)")]
    public static Task WaitAsync(Task task, TimeSpan timeout) => _target is { } t ? task.WaitAsync(timeout, t.Clock) : task.WaitAsync(timeout);

    /// <inheritdoc cref="Delay(TimeSpan)"/>
    [Replaces("System.Threading.Tasks.Task`1::WaitAsync(System.TimeSpan)")]
    public static Task<T> WaitAsync<T>(Task<T> task, TimeSpan timeout) => _target is { } t ? task.WaitAsync(timeout, t.Clock) : task.WaitAsync(timeout);

    /// <summary>In virtual time. A second call does not take back the first: Akka makes one for each source.</summary>
    [Replaces("System.Threading.CancellationTokenSource::CancelAfter(System.TimeSpan)")]
    public static void CancelAfter(CancellationTokenSource source, TimeSpan delay)
    {
        if (_target is { } target)
            target.Clock.CreateTimer(static s => Cancel((CancellationTokenSource)s!), source, delay, Timeout.InfiniteTimeSpan);
        else
            source.CancelAfter(delay);
    }

    /// <inheritdoc cref="CancelAfter"/>
    [Replaces("System.Threading.CancellationTokenSource::.ctor(System.TimeSpan)")]
    public static CancellationTokenSource NewCancellationTokenSource(TimeSpan delay)
    {
        if (_target is null)
            return new CancellationTokenSource(delay);
        var source = new CancellationTokenSource();
        CancelAfter(source, delay);
        return source;
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A real source would have stopped its timer at that time.
        }
    }
}
