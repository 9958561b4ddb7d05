using ClusterChat.Gateway.Limits;
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
/// of the limit on. What is being written counts as well as what waits.
/// </para>
/// <para>
/// What was handed to the wire cannot be taken back. So that is a frame at most, or one line where that is longer, and what
/// waits behind it can be given up at once.
/// </para>
/// </remarks>
/// <param name="transport">The wire.</param>
/// <param name="lanes">Where it is written.</param>
/// <param name="clock">The clock.</param>
/// <param name="maxBytes">The limit of bytes.</param>
/// <param name="budget">What all clients of the node together may not have taken; null where nobody counts.</param>
internal sealed partial class Outbox(IClientTransport transport, Lanes lanes, TimeProvider clock, int maxBytes, ByteBudget? budget = null)
{
    private const long HardLimit = 8;
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<ReadOnlyMemory<byte>> _pending = [];
    private List<ReadOnlyMemory<byte>> _writing = [];

    // Where in the list what waits begins.
    private int _first;
    private long _pendingBytes;
    private long _writingBytes;
    private bool _scheduled;
    private PingTurn _pings;
    private bool _closeSent;
    private bool _broken;
    private (CloseReason Reason, string Text)? _close;
    private long _closingSince;
    private long _progressAt;
    private Action? _whenLow;

    /// <summary>Called once, when the connection is over as far as writing goes; from the lane.</summary>
    public Action? Broken { get; set; }

    /// <summary>The bytes that wait to be written, or are being written.</summary>
    public long QueuedBytes => Volatile.Read(ref _pendingBytes) + Volatile.Read(ref _writingBytes);

    private int Waiting => _pending.Count - _first;

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

            if (IsTooMuch(_pendingBytes + _writingBytes + line.Length))
            {
                DropPending();
                StartClosing(CloseReason.Slow, "too slow: the outbound queue is full");
            }
            else
            {
                _pending.Add(line);
                _pendingBytes += line.Length;
            }

            if (_waits)
            {
                CountHeld();
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
}
