using System.Threading.Tasks.Sources;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// Lets the reading side of a connection go on when its last message has been handled and not too many of the
/// client's writes are unacked. One reader, one handler, acks from any thread; allocates nothing per message.
/// </summary>
/// <param name="maxUnacked">The writes that may be unacked before reading pauses.</param>
internal sealed class FrameGate(int maxUnacked) : IValueTaskSource
{
    private const int Free = 0;
    private const int Begun = 1;
    private const int Held = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _unacked;
    private int _state;

    /// <summary>Writes that wait for their ack.</summary>
    public int Unacked => Volatile.Read(ref _unacked);

    /// <summary>The reader waits for this after it has handed a message over.</summary>
    public ValueTask Begin()
    {
        _core.Reset();
        Interlocked.Exchange(ref _state, Begun);
        return new ValueTask(this, _core.Version);
    }

    /// <summary>The message has been handled.</summary>
    public void Handled()
    {
        Interlocked.CompareExchange(ref _state, Held, Begun);
        ReleaseIf(maxUnacked - 1);
    }

    /// <summary>A write was handed in.</summary>
    public void WriteBegun() => Interlocked.Increment(ref _unacked);

    /// <summary>A write was answered.</summary>
    public void WriteAnswered()
    {
        Interlocked.Decrement(ref _unacked);
        ReleaseIf(maxUnacked / 2);
    }

    /// <summary>The connection is over: whoever waits goes on, to find that out.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _state, Free) != Free)
        {
            _core.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    private void ReleaseIf(int most)
    {
        if (Volatile.Read(ref _unacked) <= most && Interlocked.CompareExchange(ref _state, Free, Held) == Held)
        {
            _core.SetResult(true);
        }
    }
}
