namespace ClusterChat.TestKit;

/// <summary>
/// One direction of a wire: what is sent arrives after a random delay, in order. Items that are on their way when
/// the direction is cut are lost, but for a random number of the first ones.
/// </summary>
internal sealed class WireDirection<T>(Simulation simulation, WireDelays delays, Action<T> arrive)
{
    private readonly Queue<T> _underway = [];
    private TimeSpan _last;
    private int _letThrough = int.MaxValue;

    public void Send(T item)
    {
        if (_letThrough != int.MaxValue)
        {
            return;
        }

        _underway.Enqueue(item);
        var now = simulation.Clock.Elapsed;
        _last = TimeSpan.FromTicks(Math.Max(_last.Ticks, (now + delays.Next(simulation.Random)).Ticks));
        simulation.After(_last - now, Arrive);
    }

    /// <summary>Nothing more is taken; of what is on its way, a random part still arrives.</summary>
    /// <returns>After how long the last of it has arrived.</returns>
    public TimeSpan Cut()
    {
        if (_letThrough == int.MaxValue)
        {
            _letThrough = simulation.Random.Next(_underway.Count + 1);
        }

        return TimeSpan.FromTicks(Math.Max(0, (_last - simulation.Clock.Elapsed).Ticks));
    }

    private void Arrive()
    {
        var item = _underway.Dequeue();
        if (_letThrough > 0)
        {
            _letThrough -= _letThrough == int.MaxValue ? 0 : 1;
            arrive(item);
        }
    }
}

/// <summary>How long things take on a wire: mostly short, sometimes long.</summary>
/// <param name="Usual">Up to so many microseconds.</param>
/// <param name="Rare">Up to so many microseconds, once in a while.</param>
/// <param name="RareShare">How often.</param>
internal sealed record WireDelays(int Usual, int Rare, double RareShare)
{
    public TimeSpan Next(Random random)
        => TimeSpan.FromMicroseconds(random.Next(1, random.NextDouble() < RareShare ? Rare : Usual));
}
