using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>
/// What a WebSocket's reader holds of a message of which a part has come. The read loop says when it waits for the rest: only then the reader is anybody
/// else's to touch, and only then it counts.
/// </summary>
internal sealed class HalfMessage(FrameReader reader, IClientInbound inbound, UnfinishedInput unfinished) : IUnfinished
{
    private readonly Lock _gate = new();
    private bool _waits;
    private bool _isDropped;
    private long _held;
    private long _arrived;

    /// <inheritdoc/>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <inheritdoc/>
    /// <remarks>While the loop is busy with what came before, the client cannot get through with its rest.</remarks>
    public long? Arrived => Volatile.Read(ref _waits) ? Interlocked.Read(ref _arrived) : null;

    /// <summary>Whether it was given up: nothing that the client says counts any more, but its close.</summary>
    public bool IsDropped => Volatile.Read(ref _isDropped);

    /// <summary>Waits for the client's rest, or for another message where it was whole.</summary>
    public async ValueTask WaitAsync(ValueTask<int> more)
    {
        if (more.IsCompleted)
        {
            await more;
            return;
        }

        if (Count(reader.HeldBytes) > 0)
        {
            unfinished.Begin(this);
        }
        else
        {
            unfinished.End(this);
        }

        try
        {
            await more;
        }
        finally
        {
            lock (_gate)
            {
                _waits = false;
            }
        }
    }

    /// <summary>The read loop is over.</summary>
    public void End()
    {
        Count(0);
        unfinished.End(this);
    }

    /// <inheritdoc/>
    public void GiveUp() => Drop("no room for more unfinished messages");

    /// <inheritdoc/>
    public void Stall() => Drop("a message was begun and did not go on");

    private long Count(long held)
    {
        lock (_gate)
        {
            _waits = true;
            if (_isDropped)
            {
                reader.Drop();
                held = 0;
            }

            Interlocked.Exchange(ref _arrived, reader.KeptBytes);
            var more = held - _held;
            Interlocked.Exchange(ref _held, held);
            if (more > 0)
            {
                unfinished.Budget.Add(this, more);
            }
            else if (more < 0)
            {
                unfinished.Budget.Remove(this, -more);
            }

            // It may have been the one to go.
            return _held;
        }
    }

    private void Drop(string reason)
    {
        lock (_gate)
        {
            if (_isDropped)
            {
                return;
            }

            _isDropped = true;
            if (_waits)
            {
                reader.Drop();
                unfinished.Budget.Remove(this, Interlocked.Exchange(ref _held, 0));
            }
        }

        inbound.GaveUp(reason);
    }
}
