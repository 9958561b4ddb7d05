namespace ClusterChat.Gateway.Connections;

/// <summary>
/// A token bucket over timestamps that the caller gives: no clock, no timer, 24 bytes. Not thread-safe.
/// </summary>
/// <param name="perSecond">Tokens that come in a second; 0 or less: no limit.</param>
/// <param name="burst">Tokens that it holds at most, and at first.</param>
internal struct TokenBucket(double perSecond, int burst)
{
    private double _tokens = burst;
    private long _last;

    /// <summary>Takes a token.</summary>
    /// <param name="now">The present time in milliseconds of any monotonic clock.</param>
    public bool TryTake(long now)
    {
        if (perSecond <= 0)
        {
            return true;
        }

        Refill(now);
        if (_tokens < 1)
        {
            return false;
        }

        _tokens -= 1;
        return true;
    }

    /// <summary>Whether there is a token; takes none.</summary>
    /// <param name="now">As for <see cref="TryTake"/>.</param>
    public bool HasToken(long now)
    {
        Refill(now);
        return perSecond <= 0 || _tokens >= 1;
    }

    /// <summary>The milliseconds until the next token, at least 1.</summary>
    public readonly int RetryMs => Math.Max(1, (int)Math.Ceiling((1 - _tokens) * 1000 / perSecond));

    private void Refill(long now)
    {
        if (_last != 0)
        {
            _tokens = Math.Min(burst, _tokens + (Math.Max(0, now - _last) * perSecond / 1000));
        }

        _last = now;
    }
}
