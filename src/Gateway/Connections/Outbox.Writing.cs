using System.Runtime.CompilerServices;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <content>What has gathered goes to the wire, one write at a time.</content>
internal sealed partial class Outbox
{
    // With a line's end each, as much as goes into one frame of a WebSocket.
    private const int MaxWriteBytes = (64 * 1024) - 512;

    private Action? _resume;
    private ValueTaskAwaiter _awaited;

    /// <summary>Writes what has gathered. Called by the lane, on one thread at a time.</summary>
    public void Write(LaneCounters counters)
    {
        if (Volatile.Read(ref _isCut))
        {
            Cut();
            return;
        }

        try
        {
            if (!TryNext(counters, out var write))
            {
                return;
            }

            if (!write.IsCompleted)
            {
                _awaited = write.GetAwaiter();
                BeginWait();
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
            EndWait();
            _progressAt = clock.GetTimestamp();
            _scheduled = Waiting > 0 || (_close is null && _pings.Waits) || (_close is not null && !_closeSent);
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
            ping = _close is null ? _pings.Take(nothingWaits: Waiting == 0) : 0;
            if (ping == 0)
            {
                TakeLines(counters);
                if (_close is null && _pendingBytes <= maxBytes / 4)
                {
                    (whenLow, _whenLow) = (_whenLow, null);
                }

                if (_writing.Count == 0)
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

    /// <summary>Takes what goes out next: all that waits, up to a frame's length and to the next ping.</summary>
    private void TakeLines(LaneCounters counters)
    {
        var most = _close is null ? _pings.OthersGo(Waiting) : Waiting;
        if (_first == 0 && most == _pending.Count && _pendingBytes + most <= MaxWriteBytes)
        {
            (_pending, _writing) = (_writing, _pending);
            (_pendingBytes, _writingBytes) = (0, _pendingBytes);
        }
        else
        {
            var room = MaxWriteBytes;
            while (_writing.Count < most && (_writing.Count == 0 || _pending[_first].Length < room))
            {
                var line = _pending[_first];
                _writing.Add(line);
                _pending[_first++] = default;
                _writingBytes += line.Length;
                room -= line.Length + 1;
            }

            _pendingBytes -= _writingBytes;
            if (_first > _pending.Count / 2)
            {
                _pending.RemoveRange(0, _first);
                _first = 0;
            }
        }

        _pings.Went(_writing.Count);
        counters.Took(_writing.Count, _writingBytes);
    }

    private void DropPending()
    {
        _pending = [];
        _first = 0;
        _pendingBytes = 0;
    }

    private void Break()
    {
        lock (_gate)
        {
            // Nothing is written any more: it stays scheduled, and what is appended is refused.
            _close ??= (CloseReason.GoingAway, "the connection broke");
            _closeSent = true;
            _broken = true;
            DropPending();
            _writing = [];
            EndWait();
        }

        Broken?.Invoke();
    }
}
