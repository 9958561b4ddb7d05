namespace ClusterChat.Gateway.Limits;

/// <summary>A read that is under way, until it is disposed of.</summary>
internal sealed class ReadPermit(ReadShare share, ReadTurns? turns, TimeProvider clock) : IDisposable
{
    private int _disposed;

    private long Now => (long)clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Has its bytes paid for.</summary>
    public void Charge(long bytes)
    {
        share.Charge(Now, bytes);
        turns?.Charge(bytes);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            share.End(Now);
            turns?.Leave();
        }
    }
}
