using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <content>
/// What the client does not take. Nothing is counted while the wire takes all at once, as nearly always. Where a write has to wait, what is being
/// written, what waits behind it, and the wire's copy are part of the node's budget until it is done, each line by its length, whoever else holds it.
/// </content>
internal sealed partial class Outbox : IByteHolder
{
    // All under the gate, which is held while the budget is told: of one holder it may be told by one at a time. It tells others to give up, and waits
    // for nobody.
    private bool _waits;
    private bool _isGivenUp;
    private bool _isCut;
    private bool _isOver;
    private long _copied;
    private long _taken;
    private long _tookAt;
    private long _held;

    /// <inheritdoc/>
    public long HeldBytes => Volatile.Read(ref _held);

    /// <summary>Whether it closes since the node holds too much: it has to be gone soon.</summary>
    public bool IsGivenUp
    {
        get
        {
            lock (_gate)
            {
                return _isGivenUp;
            }
        }
    }

    /// <summary>
    /// When the client last took something of what had to wait, as a timestamp of the clock; 0 where nothing had to yet. It lives, though it may not have come to the
    /// ping yet that is behind all of that.
    /// </summary>
    public long TookAt => Volatile.Read(ref _tookAt);

    /// <summary>
    /// Looks at the clock: a client that has taken nothing of a write for long is too slow, whether or not more is appended; and what an outbox
    /// in use keeps for its next write is given up if it has not been used for a while.
    /// </summary>
    /// <param name="patience">So long a client may take nothing.</param>
    public void Sweep(TimeSpan patience)
    {
        lock (_gate)
        {
            if (!_scheduled)
            {
                // Without a lane, both lists are ours; and empty.
                if (_pending.Capacity + _writing.Capacity > 0 && clock.GetElapsedTime(_progressAt) > Stalled)
                {
                    _pending = [];
                    _writing = [];
                }
            }
            else if (_waits && _close is null)
            {
                SweepWrite(patience);
            }
        }
    }

    /// <summary>The connection is over: nothing counts any more, whatever becomes of a write under way.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isOver = true;
            SetHeld(0);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What waits is gone at once, and the close has the rest of the write before it, so the client may take that first, for a second or so. Where too
    /// many are asked to go to wait for that, it is cut.
    /// </remarks>
    public void GiveUp()
    {
        bool cut;
        lock (_gate)
        {
            if (!_waits || _isCut)
            {
                return;
            }

            _isGivenUp = true;
            if (_close is null)
            {
                StartClosing(CloseReason.Slow, "too slow: the gateway holds too much for clients that do not read");
            }

            DropPending();
            CountHeld();
            _isCut = cut = budget!.Held > budget.Most + (budget.Most / 4);
        }

        if (cut)
        {
            // Not here: whoever needs the room may hold locks.
            lanes.Add(this);
        }
    }

    private void SweepWrite(TimeSpan patience)
    {
        if (transport.Taken is var taken && taken != _taken)
        {
            _taken = taken;
            _tookAt = _progressAt = clock.GetTimestamp();
        }
        else if (clock.GetElapsedTime(_progressAt) > patience)
        {
            DropPending();
            StartClosing(CloseReason.Slow, "too slow: nothing was taken for too long");
            CountHeld();
        }
    }

    /// <summary>The write has to wait. Before anybody may say that it is done.</summary>
    private void BeginWait()
    {
        lock (_gate)
        {
            _waits = true;
            _taken = transport.Taken;
            _copied = transport.HeldBytes;
            CountHeld();
        }
    }

    /// <summary>With the gate held.</summary>
    private void EndWait()
    {
        if (_waits)
        {
            _waits = false;
            _tookAt = clock.GetTimestamp();
        }

        _writingBytes = 0;
        SetHeld(0);
    }

    private void CountHeld()
    {
        if (!_isOver)
        {
            SetHeld(_pendingBytes + _writingBytes + _copied);
        }
    }

    private void SetHeld(long bytes)
    {
        var more = bytes - _held;
        if (more == 0 || budget is null)
        {
            return;
        }

        Volatile.Write(ref _held, bytes);
        if (more > 0)
        {
            // This one may be the first that has to go.
            budget.Add(this, more);
        }
        else
        {
            budget.Remove(this, -more);
        }
    }

    private void Cut()
    {
        transport.Abort();
        bool isOver;
        lock (_gate)
        {
            // Where a write is under way, it fails now, and ends the rest.
            isOver = !_waits && !_broken;
        }

        if (isOver)
        {
            Break();
        }
    }
}
