namespace ClusterChat.Gateway.Limits;

/// <summary>
/// What one address, or all who read without a name, may read: bytes a second, and reads at once. A read is paid for when it is known how large it was, so the
/// account may be overdrawn, by its burst at most; until it is made up for, nothing further is read. Thread-safe; no clock of its own.
/// </summary>
/// <param name="bytesPerSecond">Bytes that come in a second; 0 lifts the limit.</param>
/// <param name="burst">Bytes that it holds at most, and at first.</param>
/// <param name="atOnce">Reads that are under way at once; 0 lifts the limit.</param>
internal sealed class ReadShare(int bytesPerSecond, int burst, int atOnce)
{
    // About as long as the reads take that are under way.
    private const int FullRetryMs = 1000;

    private readonly Lock _gate = new();
    private double _bytes = burst;
    private long? _last;
    private int _underWay;

    /// <summary>The milliseconds after which one may read again; 0 where one may now.</summary>
    public int Wait(long now)
    {
        lock (_gate)
        {
            return WaitMs(now);
        }
    }

    /// <summary>Begins a read.</summary>
    /// <returns>As <see cref="Wait"/>; where it is 0, <see cref="End"/> has to follow.</returns>
    public int Begin(long now)
    {
        lock (_gate)
        {
            if (WaitMs(now) is > 0 and var retryMs)
            {
                return retryMs;
            }

            if (atOnce > 0 && _underWay >= atOnce)
            {
                return FullRetryMs;
            }

            _underWay++;
            return 0;
        }
    }

    /// <summary>A read that <see cref="Begin"/> has counted is over.</summary>
    public void End(long now)
    {
        lock (_gate)
        {
            Refill(now);
            _underWay--;
        }
    }

    /// <summary>So many bytes were read.</summary>
    public void Charge(long now, long bytes)
    {
        lock (_gate)
        {
            Refill(now);
            _bytes = Math.Max(-burst, _bytes - bytes);
        }
    }

    /// <summary>Whether nothing would be different with a new one.</summary>
    public bool IsUnused(long now)
    {
        lock (_gate)
        {
            Refill(now);
            return _underWay == 0 && (bytesPerSecond <= 0 || _bytes >= burst);
        }
    }

    private int WaitMs(long now)
    {
        Refill(now);
        return bytesPerSecond <= 0 || _bytes > 0 ? 0 : Math.Max(1, (int)Math.Ceiling((1 - _bytes) * 1000 / bytesPerSecond));
    }

    private void Refill(long now)
    {
        if (_last is { } last)
        {
            _bytes = Math.Min(burst, _bytes + (Math.Max(0, now - last) * (double)bytesPerSecond / 1000));
        }

        _last = now;
    }
}
