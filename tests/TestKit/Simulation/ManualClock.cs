namespace ClusterChat.TestKit;

/// <summary>
/// Virtual time: it moves only by <see cref="Advance"/>. Timers fire on the advancing thread, in order of due time and then of
/// creation (or last change), and see the clock at their due time. Thread-safe, except that one thread at a time advances.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    /// <summary>A leap day, late in the evening: dates that code is likely to get wrong.</summary>
    public static readonly DateTimeOffset DefaultStart = new(2028, 2, 29, 23, 30, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly SortedSet<ManualTimer> _timers = new(Comparer<ManualTimer>.Create(
        static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Sequence.CompareTo(b.Sequence)));
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private long _utcOffset;
    private long _sequence;

    public ManualClock(DateTimeOffset? start = null) => _start = start ?? DefaultStart;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => new(GetTimestamp());

    /// <summary>When the next timer fires, as time since the start; null if there is none.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
                return _timers.Min is { } next ? new TimeSpan(Math.Max(next.Due, _elapsed)) : null;
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _elapsed);

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp() + Volatile.Read(ref _utcOffset));

    /// <summary>Moves the clock on, and to each due time on the way, with the timers' callbacks.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        AdvanceTo(Elapsed + by);
    }

    /// <param name="elapsed">Time since the start.</param>
    public void AdvanceTo(TimeSpan elapsed)
    {
        while (TryFireNext(elapsed))
        {
        }
    }

    /// <summary>Fires the next timer that is due by <paramref name="elapsed"/>, or moves the clock there if there is none.</summary>
    /// <returns>Whether a timer fired.</returns>
    internal bool TryFireNext(TimeSpan elapsed)
    {
        var timer = TakeDue(elapsed.Ticks);
        timer?.Fire();
        return timer is not null;
    }

    /// <summary>The wall clock jumps, as after a correction; the monotonic clock and the timers do not notice.</summary>
    public void JumpUtc(TimeSpan by) => Interlocked.Add(ref _utcOffset, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(long target)
    {
        lock (_lock)
        {
            if (_timers.Min is { } next && next.Due <= target)
            {
                Volatile.Write(ref _elapsed, Math.Max(_elapsed, next.Due));
                _timers.Remove(next);
                if (next.Period > 0)
                    Arm(next, _elapsed + next.Period);
                return next;
            }
            Volatile.Write(ref _elapsed, Math.Max(_elapsed, target));
            return null;
        }
    }

    private bool Change(ManualTimer timer, TimeSpan due, TimeSpan period)
    {
        lock (_lock)
        {
            if (timer.Disposed)
                return false;
            _timers.Remove(timer);
            // As in System.Threading.Timer: a period of zero or below means once, a due time below zero means never.
            timer.Period = Math.Max(0, period.Ticks);
            if (due >= TimeSpan.Zero)
                Arm(timer, _elapsed + due.Ticks);
            return true;
        }
    }

    private void Arm(ManualTimer timer, long due)
    {
        timer.Due = due;
        timer.Sequence = _sequence++;
        _timers.Add(timer);
    }

    private void Remove(ManualTimer timer)
    {
        lock (_lock)
        {
            timer.Disposed = true;
            _timers.Remove(timer);
        }
    }

    /// <summary>Due, Sequence and Period change only while the timer is outside of the sorted set, under the clock's lock.</summary>
    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; }

        public long Sequence { get; set; }

        public long Period { get; set; }

        public bool Disposed { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Change(this, dueTime, period);

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
