namespace ClusterChat.Gateway.Limits;

/// <summary>
/// What the web server writes to one client while the client's socket does not take it. Such a client hears no reason when it is cut: an answer
/// that has begun has no place for one. Thread-safe; one write at a time.
/// </summary>
/// <param name="output">Where it counts.</param>
/// <param name="taken">Grows with what the socket takes.</param>
/// <param name="cut">Ends the connection. Called from the thread pool.</param>
internal sealed class UntakenAnswer(ClientOutput output, Func<long> taken, Action cut) : IByteHolder
{
    private readonly Lock _gate = new();
    private long _held;
    private long _taken;
    private long _progressAt;
    private bool _isCut;

    /// <inheritdoc/>
    public long HeldBytes => Volatile.Read(ref _held);

    /// <summary>A write has to wait.</summary>
    /// <param name="bytes">What is held for it.</param>
    public void Begin(long bytes)
    {
        lock (_gate)
        {
            _taken = taken();
            _progressAt = output.Clock.GetTimestamp();
            Volatile.Write(ref _held, bytes);
            output.Budget.Add(this, bytes);
        }

        output.Add(this);
    }

    /// <summary>It is done, or has failed.</summary>
    public void End()
    {
        output.Remove(this);
        lock (_gate)
        {
            var held = _held;
            Volatile.Write(ref _held, 0);
            output.Budget.Remove(this, held);
        }
    }

    /// <summary>Ends the connection if nothing was taken for too long.</summary>
    public void Sweep(TimeSpan patience)
    {
        lock (_gate)
        {
            if (taken() is var now && now != _taken)
            {
                _taken = now;
                _progressAt = output.Clock.GetTimestamp();
            }
            else if (output.Clock.GetElapsedTime(_progressAt) > patience)
            {
                CutLater();
            }
        }
    }

    /// <inheritdoc/>
    public void GiveUp()
    {
        lock (_gate)
        {
            CutLater();
        }
    }

    // Not at once: whoever needs the room may hold locks.
    private void CutLater()
    {
        if (_held > 0 && !_isCut)
        {
            _isCut = true;
            ThreadPool.UnsafeQueueUserWorkItem(static cut => cut(), cut, preferLocal: false);
        }
    }
}
