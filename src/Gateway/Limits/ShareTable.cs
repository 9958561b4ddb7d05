using System.Collections.Concurrent;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// The shares of all users, or of all addresses. Whoever is connected has one of its own, however many there are: connections have a limit
/// themselves, and each holds much more. Those without connections are dropped once they are as new ones; where there are too many of them, those
/// go first that were not used for longest. Who comes back then has a new one: nobody pays for what strangers take.
/// </summary>
/// <remarks>
/// To gain anything by that, somebody has to use a whole table of other addresses before each return, every one of which may take as much again.
/// </remarks>
/// <param name="limits">How much each is.</param>
/// <param name="maxUnused">About how many without connections are kept; there may be a quarter more for a moment.</param>
internal sealed class ShareTable(ShareLimits limits, int maxUnused)
{
    private readonly ConcurrentDictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly Lock _evicting = new();
    private int _count;

    // So many there may be until it is looked how many of them are unused; the first one looks, too.
    private int _evictAt;
    private long _evicted;

    // What is left when too many were there.
    private int Kept => maxUnused - (maxUnused / 4);

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many were given up before they were as new ones, since there were too many.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>The share of a key. It may be dropped at any time as long as it has no connections.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="now">The present time in milliseconds.</param>
    public Share Of(string key, long now)
    {
        if (_shares.TryGetValue(key, out var share))
        {
            return share;
        }

        var added = new Share(limits, now);
        share = _shares.GetOrAdd(key, added);
        if (ReferenceEquals(share, added) && Interlocked.Increment(ref _count) > Volatile.Read(ref _evictAt))
        {
            Evict();
        }

        return share;
    }

    /// <summary>Counts another connection of a key.</summary>
    /// <returns>The share that counts it, or null and the milliseconds after which it may try again.</returns>
    public (Share? Share, int RetryMs) Connect(string key, long now)
    {
        while (true)
        {
            var share = Of(key, now);
            try
            {
                var retryMs = share.Connect(now);
                return retryMs == 0 ? (share, 0) : (null, retryMs);
            }
            catch (ObjectDisposedException)
            {
                // Dropped between the two calls: the sweep takes it out of the table right after, if it has not yet.
                Remove(key, share);
            }
        }
    }

    /// <summary>Drops what is not used.</summary>
    public void Sweep(long now)
    {
        var unused = 0;
        foreach (var (key, share) in _shares)
        {
            if (share.TryDrop(now))
            {
                Remove(key, share);
            }
            else if (share.UnusedSince is not null)
            {
                unused++;
            }
        }

        EvictLater(unused);
    }

    /// <summary>A quarter at once, since each time all of them are looked through.</summary>
    private void Evict()
    {
        lock (_evicting)
        {
            if (Count <= Volatile.Read(ref _evictAt))
            {
                // Somebody else has seen to it.
                return;
            }

            var unused = new List<(long Since, string Key, Share Share)>();
            foreach (var (key, share) in _shares)
            {
                if (share.UnusedSince is { } since)
                {
                    unused.Add((since, key, share));
                }
            }

            if (unused.Count > maxUnused)
            {
                unused.Sort(static (a, b) => a.Since.CompareTo(b.Since));
                foreach (var (_, key, share) in unused.Take(unused.Count - Kept))
                {
                    if (share.TryEvict())
                    {
                        Remove(key, share);
                        Interlocked.Increment(ref _evicted);
                    }
                }
            }

            EvictLater(unused.Count);
        }
    }

    /// <summary>Looks again when too many may have come; not before a quarter of the limit has, since to look costs.</summary>
    private void EvictLater(int unused) => Volatile.Write(ref _evictAt, Count + maxUnused - Math.Min(unused, Kept));

    private void Remove(string key, Share share)
    {
        if (_shares.TryRemove(KeyValuePair.Create(key, share)))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
