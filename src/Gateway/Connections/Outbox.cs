using System.Runtime.CompilerServices;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>
/// What waits for one client, in order, with a bound. Whoever has something for the client appends it from any
/// thread; what has gathered goes out as one unit.
/// </summary>
/// <remarks>
/// <para>
/// At most one writer runs at a time, in a lane, and only while there is something to write: an idle outbox holds
/// no task, no timer and no buffer.
/// </para>
/// <para>
/// Over the limit of bytes a client that takes nothing for a second is too slow, and over eight times the limit
/// any client. (A burst of others' messages comes in faster than any socket takes it; what waits are references
/// to lines that all members share.) Nothing that is in the log may be left out, so the connection is closed with
/// 3008 and the client resumes where it was. What may be lost (typing, presence) is left out already from half
/// of the limit on.
/// </para>
/// </remarks>
internal sealed class Outbox(IClientTransport transport, Lanes lanes, TimeProvider clock, int maxBytes)
{
    private const long HardLimit = 8;
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<ReadOnlyMemory<byte>> _pending = [];
    private List<ReadOnlyMemory<byte>> _writing = [];
    private long _pendingBytes;
    private bool _scheduled;
    private PingTurn _pings;
    private bool _closeSent;
    private bool _broken;
    private (CloseReason Reason, string Text)? _close;
    private long _closingSince;
    private long _progressAt;
    private Action? _whenLow;
    private Action? _resume;
    private ValueTaskAwaiter _awaited;

    /// <summary>Called once, when the connection is over as far as writing goes; from the lane.</summary>
    public Action? Broken { get; set; }

    /// <summary>The bytes that wait to be written.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>Why it closes; null while it does not.</summary>
    public CloseReason? Closing
    {
        get
        {
            lock (_gate)
            {
                return _close?.Reason;
            }
        }
    }

    /// <summary>Whether nothing is left to write: all has been handed to the wire, or the wire is gone.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_scheduled || _broken;
            }
        }
    }

    /// <summary>How long it has been closing.</summary>
    public TimeSpan ClosingFor
    {
        get
        {
            lock (_gate)
            {
                return _close is null ? TimeSpan.Zero : clock.GetElapsedTime(_closingSince);
            }
        }
    }

    /// <summary>Appends a line; over the limit the connection closes instead.</summary>
    /// <param name="line">Not to be changed afterwards.</param>
    /// <param name="droppable">May be left out when much is waiting.</param>
    public void Append(ReadOnlyMemory<byte> line, bool droppable = false)
    {
        bool scheduled;
        lock (_gate)
        {
            if (_close is not null || (droppable && _pendingBytes > maxBytes / 2))
            {
                return;
            }

            if (IsTooMuch(_pendingBytes + line.Length))
            {
                _pending.Clear();
                _pendingBytes = 0;
                StartClosing(CloseReason.Slow, "too slow: the outbound queue is full");
            }
            else
            {
                _pending.Add(line);
                _pendingBytes += line.Length;
            }

            scheduled = TrySchedule();
        }

        Add(scheduled);
    }

    /// <summary>Asks the client for a sign of life, behind what is waiting.</summary>
    /// <returns>The number of the ping.</returns>
    public int Ping()
    {
        bool scheduled;
        int number;
        lock (_gate)
        {
            number = _pings.Ask();
            scheduled = _close is null && TrySchedule();
        }

        Add(scheduled);
        return number;
    }

    /// <summary>Closes after what is waiting has been written. Only the first reason counts.</summary>
    public void Close(CloseReason reason, string text)
    {
        bool scheduled;
        lock (_gate)
        {
            if (_close is not null)
            {
                return;
            }

            StartClosing(reason, text);
            scheduled = TrySchedule();
        }

        Add(scheduled);
    }

    /// <summary>Gives up what an outbox in use keeps for its next write, if it has not been used for a while.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            // Without a lane, both lists are ours; and empty.
            if (!_scheduled && _pending.Capacity + _writing.Capacity > 0 && clock.GetElapsedTime(_progressAt) > Stalled)
            {
                _pending = [];
                _writing = [];
            }
        }
    }

    /// <summary>Whether little enough is waiting that a page more does no harm.</summary>
    /// <param name="whenLow">
    /// Where it does: called once, as soon as it no longer does. Several rooms may wait at the same time.
    /// </param>
    public bool IsLow(Action whenLow)
    {
        lock (_gate)
        {
            if (_pendingBytes <= maxBytes / 4)
            {
                return true;
            }

            _whenLow += whenLow;
            return false;
        }
    }

    /// <summary>Writes what has gathered. Called by the lane, on one thread at a time.</summary>
    public void Write(LaneCounters counters)
    {
        try
        {
            if (!TryNext(counters, out var write))
            {
                return;
            }

            if (!write.IsCompleted)
            {
                _awaited = write.GetAwaiter();
                _awaited.UnsafeOnCompleted(_resume ??= Resume);
                return;
            }

            write.GetAwaiter().GetResult();
        }
        catch (Exception error) when (IsWireFault(error))
        {
            Break();
            return;
        }

        GoOn();
    }

    private bool IsTooMuch(long bytes)
        => bytes > maxBytes
            && (bytes > maxBytes * HardLimit || (_scheduled && clock.GetElapsedTime(_progressAt) > Stalled));

    private void StartClosing(CloseReason reason, string text)
    {
        _close = (reason, text);
        _closingSince = clock.GetTimestamp();
    }

    /// <summary>With the lock held; whoever gets true calls <see cref="Add"/> without it.</summary>
    private bool TrySchedule()
    {
        if (_scheduled)
        {
            return false;
        }

        _scheduled = true;
        _progressAt = clock.GetTimestamp();
        return true;
    }

    private void Add(bool scheduled)
    {
        if (scheduled)
        {
            lanes.Add(this);
        }
    }

    private void Resume()
    {
        try
        {
            _awaited.GetResult();
        }
        catch (Exception error) when (IsWireFault(error))
        {
            Break();
            return;
        }

        GoOn();
    }

    /// <summary>After a write: in the next round if there is more by now.</summary>
    private void GoOn()
    {
        _writing.Clear();
        lock (_gate)
        {
            _progressAt = clock.GetTimestamp();
            _scheduled = _pending.Count > 0 || (_close is null && _pings.Waits) || (_close is not null && !_closeSent);
            if (!_scheduled)
            {
                return;
            }
        }

        lanes.Add(this);
    }

    private static bool IsWireFault(Exception error)
        => error is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    private bool TryNext(LaneCounters counters, out ValueTask write)
    {
        Action? whenLow = null;
        var close = false;
        int ping;
        lock (_gate)
        {
            _progressAt = clock.GetTimestamp();
            ping = _close is null ? _pings.Take(nothingWaits: _pending.Count == 0) : 0;
            if (ping == 0)
            {
                counters.Took(_pending.Count, _pendingBytes);
                (_pending, _writing) = (_writing, _pending);
                _pendingBytes = 0;
                if (_close is null)
                {
                    (whenLow, _whenLow) = (_whenLow, null);
                }

                if (_writing.Count > 0)
                {
                    _pings.OthersGo();
                }
                else
                {
                    close = _close is not null && !_closeSent;
                    _closeSent |= close;
                    _scheduled = close;
                }
            }
        }

        whenLow?.Invoke();
        if (_writing.Count > 0)
        {
            write = transport.SendAsync(_writing);
            return true;
        }

        if (ping > 0)
        {
            write = transport.PingAsync(ping);
            return true;
        }

        if (close)
        {
            var (reason, text) = _close!.Value;
            write = transport.CloseAsync(reason.Code(), text);
            return true;
        }

        write = default;
        return false;
    }

    private void Break()
    {
        lock (_gate)
        {
            // Nothing is written any more: it stays scheduled, and what is appended is refused.
            _close ??= (CloseReason.GoingAway, "the connection broke");
            _closeSent = true;
            _broken = true;
            _pending.Clear();
            _pendingBytes = 0;
        }

        Broken?.Invoke();
    }
}
