namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// What follows when an actor throws. Either it stops, or it is replaced by a new instance after a back-off of
/// <c>MinBackoff * 2^n</c>, at most <see cref="MaxBackoff"/>, for the n-th failure in a row. While it backs off its mailbox
/// is kept, with its capacity, and nothing of it runs.
/// </summary>
public sealed record SupervisorStrategy
{
    private SupervisorStrategy() { }

    /// <summary>A failure stops the actor.</summary>
    public static SupervisorStrategy Stop { get; } = new() { MaxRestarts = 0 };

    /// <summary>Restarts with back-off from 100 ms to 10 s; the eleventh failure within a minute stops the actor.</summary>
    public static SupervisorStrategy Default { get; } = new();

    /// <summary>Restarts as often as it fails, with the given back-off.</summary>
    public static SupervisorStrategy RestartForever(TimeSpan minBackoff, TimeSpan maxBackoff) =>
        new() { MinBackoff = minBackoff, MaxBackoff = maxBackoff, MaxRestarts = int.MaxValue };

    /// <summary>Restarts with the given back-off; more than <paramref name="maxRestarts"/> within <paramref name="window"/> stop the actor.</summary>
    public static SupervisorStrategy Restart(TimeSpan minBackoff, TimeSpan maxBackoff, int maxRestarts, TimeSpan window) =>
        new() { MinBackoff = minBackoff, MaxBackoff = maxBackoff, MaxRestarts = maxRestarts, Window = window };

    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The share of a back-off that is random, 0 to 1: 0.2 means between 80 % and 100 % of it.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>How many restarts may happen within <see cref="Window"/>; <see cref="int.MaxValue"/> for no limit.</summary>
    public int MaxRestarts { get; init; } = 10;

    /// <summary>Also the time without a failure after which the back-off begins at its minimum again.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <param name="streak">How many failures came before in a row.</param>
    /// <param name="roll">A random number from 0 to 1.</param>
    internal TimeSpan BackoffAfter(int streak, double roll)
    {
        // 2^40 times any sensible minimum is past any sensible maximum, and a double holds it.
        var full = Math.Min(MaxBackoff.Ticks, MinBackoff.Ticks * Math.Pow(2, Math.Min(streak, 40)));
        return TimeSpan.FromTicks((long)(full * (1 - (Jitter * roll))));
    }
}
