using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Limits;

/// <summary>What one user, or one address, takes of this gateway. Thread-safe; no timer and no clock of its own.</summary>
/// <param name="limits">How much it is.</param>
/// <param name="since">The present time, in milliseconds as in all calls.</param>
internal sealed class Share(ShareLimits limits, long since)
{
    private readonly Lock _gate = new();
    private TokenBucket _sends = new(limits.SendsPerSecond, limits.SendBurst);
    private TokenBucket _connects = new(limits.ConnectsPerSecond, limits.ConnectBurst);
    private TokenBucket _requests = new(limits.RequestsPerSecond, limits.RequestBurst);
    private int _connections;
    private long _usedAt = since;
    private bool _dropped;

    /// <summary>Counts another connection.</summary>
    /// <returns>0 where it may come; else the milliseconds after which it may try again.</returns>
    /// <exception cref="ObjectDisposedException">The table has dropped it meanwhile: take another one.</exception>
    public int Connect(long now)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dropped, this);
            _usedAt = now;
            if (!_connects.TryTake(now))
            {
                return _connects.RetryMs;
            }

            if (limits.Connections > 0 && _connections >= limits.Connections)
            {
                // As long as a connection that is gone without a word may be held for alive.
                return limits.RetryMs;
            }

            _connections++;
            return 0;
        }
    }

    /// <summary>One that <see cref="Connect"/> has counted is gone.</summary>
    public void Disconnect(long now)
    {
        lock (_gate)
        {
            _usedAt = now;
            _connections--;
        }
    }

    /// <returns>0 where a message may be sent; else the milliseconds after which it may.</returns>
    public int Send(long now) => limits.SendsPerSecond > 0 ? Take(ref _sends, now) : 0;

    /// <returns>0 where a request may be made; else the milliseconds after which it may.</returns>
    public int Request(long now) => limits.RequestsPerSecond > 0 ? Take(ref _requests, now) : 0;

    /// <returns>As <see cref="Request"/>, and counts nothing.</returns>
    public int RequestWait(long now)
    {
        lock (_gate)
        {
            return limits.RequestsPerSecond <= 0 || _requests.HasToken(now) ? 0 : _requests.RetryMs;
        }
    }

    /// <summary>When it was last used; null while it has connections, or is dropped.</summary>
    public long? UnusedSince
    {
        get
        {
            lock (_gate)
            {
                return _connections == 0 && !_dropped ? _usedAt : null;
            }
        }
    }

    /// <summary>Drops it where nothing would be different with a new one.</summary>
    public bool TryDrop(long now)
    {
        lock (_gate)
        {
            return _dropped |= _connections == 0 && now - _usedAt > limits.RefillMs;
        }
    }

    /// <summary>Drops it unless it has connections: a later one of the same key begins with all that it may take.</summary>
    public bool TryEvict()
    {
        lock (_gate)
        {
            return _dropped |= _connections == 0;
        }
    }

    private int Take(ref TokenBucket bucket, long now)
    {
        lock (_gate)
        {
            _usedAt = now;
            return bucket.TryTake(now) ? 0 : bucket.RetryMs;
        }
    }
}
