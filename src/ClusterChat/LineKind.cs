namespace ClusterChat.Host;

/// <summary>Lines of one kind: how many may be written, and how many were not. Thread-safe; no clock of its own.</summary>
/// <param name="perSecond">Lines a second.</param>
/// <param name="burst">Lines at once after a pause.</param>
internal sealed class LineKind(double perSecond, int burst)
{
    private readonly Lock _gate = new();
    private double _lines = burst;
    private TimeSpan? _last;
    private long _leftOut;

    /// <summary>Whether a line may be written now; otherwise it counts as left out.</summary>
    /// <param name="now">The present time of any monotonic clock.</param>
    /// <param name="leftOut">How many were left out before it, and nobody has said so yet.</param>
    public bool TryWrite(TimeSpan now, out long leftOut)
    {
        lock (_gate)
        {
            if (_last is { } last)
            {
                _lines = Math.Min(burst, _lines + (Math.Max(0, (now - last).TotalSeconds) * perSecond));
            }

            _last = now;
            if (_lines < 1)
            {
                _leftOut++;
                leftOut = 0;
                return false;
            }

            _lines--;
            (leftOut, _leftOut) = (_leftOut, 0);
            return true;
        }
    }

    /// <summary>How many were left out, and nobody has said so yet; the caller does.</summary>
    public long TakeLeftOut()
    {
        lock (_gate)
        {
            var leftOut = _leftOut;
            _leftOut = 0;
            return leftOut;
        }
    }
}
