namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// Lets something happen so many times a second, and so many times at once after a pause: the generic cell rate algorithm (ITU-T I.371), 24 bytes.
/// No clock, no timer. Not thread-safe.
/// </summary>
/// <param name="perSecond">How often a second, above 0.</param>
/// <param name="burst">How many times at once, at least 1.</param>
internal struct Pace(double perSecond, int burst)
{
    private double _freshAt;

    /// <summary>Takes a turn.</summary>
    /// <param name="now">The present time in milliseconds of any monotonic clock.</param>
    /// <returns>0; or the milliseconds, rounded up, after which there is one.</returns>
    public int TryTake(double now)
    {
        var step = 1000 / perSecond;
        var begin = Math.Max(_freshAt, now);
        var early = begin - now - ((burst - 1) * step);
        if (early > 0)
        {
            return (int)Math.Ceiling(early);
        }

        _freshAt = begin + step;
        return 0;
    }
}
