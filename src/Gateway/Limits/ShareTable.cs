using System.Collections.Concurrent;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// The shares of all users, or of all addresses. Those that nobody uses are dropped, and there is a limit to their number: who
/// comes beyond it shares one with all others who do.
/// </summary>
internal sealed class ShareTable(ShareLimits limits, int maxShares)
{
    private readonly ConcurrentDictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly Share _others = new(limits);

    /// <summary>How many there are.</summary>
    public int Count => _shares.Count;

    /// <summary>The share of a key. It may be dropped at any time as long as it has no connections.</summary>
    public Share Of(string key)
        => _shares.TryGetValue(key, out var share) ? share
            : _shares.Count >= maxShares ? _others
            : _shares.GetOrAdd(key, static (_, limits) => new Share(limits), limits);

    /// <summary>Counts another connection of a key.</summary>
    /// <returns>The share that counts it, or null and the milliseconds after which it may try again.</returns>
    public (Share? Share, int RetryMs) Connect(string key, long now)
    {
        while (true)
        {
            var share = Of(key);
            try
            {
                var retryMs = share.Connect(now);
                return retryMs == 0 ? (share, 0) : (null, retryMs);
            }
            catch (ObjectDisposedException)
            {
                // Dropped between the two calls: the sweep takes it out of the table right after, if it has not yet.
                _shares.TryRemove(KeyValuePair.Create(key, share));
            }
        }
    }

    /// <summary>Drops what is not used.</summary>
    public void Sweep(long now)
    {
        foreach (var entry in _shares)
        {
            if (entry.Value.TryDrop(now))
            {
                _shares.TryRemove(entry);
            }
        }
    }
}
