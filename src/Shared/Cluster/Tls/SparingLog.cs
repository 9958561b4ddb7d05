namespace ClusterChat.Cluster.Tls;

/// <summary>Keeps what happens again and again from filling the log: one line a key and minute. Thread-safe.</summary>
internal sealed class SparingLog(TimeProvider clock)
{
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Keys hold addresses, which come and go. Beyond so many all are forgotten, which costs a line each.</summary>
    private const int MaxKeys = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<object, long> _logged = [];

    /// <summary>Whether this one is to be logged.</summary>
    public bool Take(object key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_logged.TryGetValue(key, out var last) && clock.GetElapsedTime(last, now) < Pause)
                return false;
            if (_logged.Count >= MaxKeys)
                _logged.Clear();
            _logged[key] = now;
            return true;
        }
    }
}
