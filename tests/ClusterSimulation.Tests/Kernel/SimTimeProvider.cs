namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>The world's time for a process.</summary>
internal sealed class SimTimeProvider(SimNode node) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(node.World.UtcNow + node.UtcOffset);

    public override long GetTimestamp() => node.World.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(node, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimNode node, TimerCallback callback, object? state) : ITimer
    {
        private SimTimer? _timer;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
                return false;
            _timer?.Cancel();
            _timer = null;
            // As in System.Threading.Timer: a due time below zero means never, a period of zero or below once.
            if (dueTime >= TimeSpan.Zero)
                _timer = node.World.Arm(new SimTimer(node.World, node, () => callback(state)) { Period = period > TimeSpan.Zero ? period : TimeSpan.Zero }, dueTime);
            return true;
        }

        public void Dispose()
        {
            _isDisposed = true;
            _timer?.Cancel();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
