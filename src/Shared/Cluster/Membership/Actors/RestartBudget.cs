namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>Counts an actor's restarts against its strategy. Made at the first failure only: most actors never fail.</summary>
internal sealed class RestartBudget(SupervisorStrategy strategy)
{
    private readonly Queue<long> _recent = new();
    private int _streak;
    private long _upSince;

    /// <param name="now">A timestamp of <paramref name="clock"/>.</param>
    /// <param name="clock">Only asked for differences between timestamps.</param>
    /// <param name="roll">A random number from 0 to 1.</param>
    /// <param name="backoff">How long to wait before the restart.</param>
    /// <returns>False if the actor has to stop.</returns>
    public bool TryTake(long now, TimeProvider clock, double roll, out TimeSpan backoff)
    {
        backoff = default;
        while (_recent.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= strategy.Window)
            _recent.Dequeue();
        if (strategy.MaxRestarts != int.MaxValue)
        {
            if (_recent.Count >= strategy.MaxRestarts)
                return false;
            _recent.Enqueue(now);
        }

        // Measured from the restart, not from the failure before it: a back-off longer than the window would otherwise reset itself.
        if (_streak > 0 && clock.GetElapsedTime(_upSince, now) >= strategy.Window)
            _streak = 0;
        backoff = strategy.BackoffAfter(_streak, roll);
        _streak++;
        _upSince = now + (long)(backoff.TotalSeconds * clock.TimestampFrequency);
        return true;
    }
}
