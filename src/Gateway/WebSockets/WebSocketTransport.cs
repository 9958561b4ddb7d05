using System.Buffers;
using System.Buffers.Binary;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Sockets;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>One client's WebSocket, the writing side: frames, and whose turn it is to write them.</summary>
/// <remarks>
/// <para>
/// Two parties write: the connection's outbox (one call at a time, by contract) and the read loop, which owes the
/// client pongs and the answer to its close. Whoever sets <c>_writing</c> has the turn and is alone on the stream.
/// The read loop never waits for a turn to pong: the latest unanswered ping is remembered (RFC 6455, section
/// 5.5.3, asks for no more) and answered in front of the next frame, or at once if nobody is writing. So a flood
/// of pings holds 127 bytes, and a client that does not read cannot stop us from reading.
/// </para>
/// <para>
/// Buffers are rented for the time of a write; an idle transport holds none. A long line has a frame of its own and is
/// written from where it is: a copy would be as large again, for as long as the client takes. The stream has to send
/// what is written without being flushed, as Kestrel's do.
/// </para>
/// </remarks>
/// <param name="stream">The upgraded stream; not disposed here.</param>
/// <param name="abort">Cuts the connection and fails or ends a pending write; may be called from any thread.</param>
/// <param name="limits">How much goes in a frame.</param>
internal sealed partial class WebSocketTransport(Stream stream, Action abort, WebSocketLimits limits) : IClientTransport
{
    private readonly Lock _gate = new();
    private long _rented;
    private long _taken;

    // All below, and what is owed, are guarded by _gate, which is never held while calling out.
    private State _state;
    private bool _writing;
    private TaskCompletionSource? _sender;

    private enum State
    {
        Open,

        // A close frame was written, or is being written: it is the last one.
        Closed,

        // Aborted, or a write failed.
        Broken,
    }

    /// <inheritdoc/>
    public long HeldBytes => Volatile.Read(ref _rented);

    /// <inheritdoc/>
    public long Taken => Volatile.Read(ref _taken) + ((stream as SocketStream)?.Taken ?? 0);

    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var (end, payloadLength) = lines.Count == 0 ? (0, 0) : Measure(lines, 0);
        if (end == 0 || end < lines.Count || payloadLength > LongLine || !TryTakeFreeTurn())
        {
            return SendSlowlyAsync(lines);
        }

        // As nearly always: there is nothing else to write, and the stream takes all of it at once.
        var buffer = ArrayPool<byte>.Shared.Rent(FrameWriter.HeaderLength(payloadLength) + payloadLength);
        var write = BeginWrite(buffer.AsMemory(0, WriteFrame(buffer, lines, 0, end, payloadLength)));
        if (!write.IsCompletedSuccessfully || !TryEndFreeTurn())
        {
            Volatile.Write(ref _rented, buffer.Length);
            return FinishAsync(write, buffer);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return ValueTask.CompletedTask;
    }

    private static int WritePing(Span<byte> buffer, int number)
    {
        Span<byte> payload = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(payload, number);
        return FrameWriter.WriteControl(buffer, Opcode.Ping, payload);
    }

    /// <inheritdoc/>
    public async ValueTask PingAsync(int number)
    {
        await TakeTurnAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(MaxOwedLength + FrameWriter.MaxControlFrameLength);
        try
        {
            var length = TakeOwed(buffer, out var stillOpen);
            if (stillOpen)
            {
                length += WritePing(buffer.AsSpan(length), number);
            }

            await WriteAsync(buffer.AsMemory(0, length));
            if (!stillOpen)
            {
                throw new IOException("The WebSocket is closed.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            EndTurn();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Does nothing if a close frame went out already, as the answer to the client's.</remarks>
    public async ValueTask CloseAsync(ushort code, string reason)
    {
        await TakeTurnAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(FrameWriter.MaxControlFrameLength);
        try
        {
            if (TryBeginClose())
            {
                await WriteAsync(buffer.AsMemory(0, FrameWriter.WriteClose(buffer, code, reason)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            EndTurn();
        }
    }

    /// <inheritdoc/>
    public void Abort()
    {
        lock (_gate)
        {
            _state = State.Broken;
        }

        try
        {
            abort();
        }
        catch (ObjectDisposedException)
        {
            // The request is over: the reading side saw the connection's end while somebody else decided to cut it.
        }
    }

    /// <summary>Takes the turn if nobody writes and nothing is owed.</summary>
    private bool TryTakeFreeTurn()
    {
        lock (_gate)
        {
            var isFree = !_writing && _state == State.Open && _pong is null && _closeAnswer is null;
            _writing |= isFree;
            return isFree;
        }
    }

    /// <summary>Gives the turn back if nobody waits for it, nothing is owed by now, and the connection is whole.</summary>
    private bool TryEndFreeTurn()
    {
        lock (_gate)
        {
            _writing = _state == State.Broken || _sender is not null || _pong is not null || _closeAnswer is not null;
            return !_writing;
        }
    }

    private ValueTask BeginWrite(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return stream.WriteAsync(bytes);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
    }

    private async ValueTask FinishAsync(ValueTask write, byte[] buffer)
    {
        try
        {
            await ObserveAsync(write);
        }
        finally
        {
            Volatile.Write(ref _rented, 0);
            ArrayPool<byte>.Shared.Return(buffer);
            EndTurn();
        }
    }

    private ValueTask TakeTurnAsync()
    {
        lock (_gate)
        {
            if (!_writing)
            {
                _writing = true;
                return ValueTask.CompletedTask;
            }

            if (_sender is not null)
            {
                throw new InvalidOperationException("Calls to a transport must not overlap.");
            }

            _sender = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_sender.Task);
        }
    }

    private void EndTurn()
    {
        if (!PassTurn())
        {
            _ = PayOwedAsync();
        }
    }

    /// <summary>
    /// Gives the turn to a waiting sender, or to nobody. False if there is something owed to the client instead:
    /// the caller has the turn still and sees to it.
    /// </summary>
    private bool PassTurn()
    {
        TaskCompletionSource? next;
        TaskCompletionSource? answered = null;
        lock (_gate)
        {
            if (_state != State.Open)
            {
                ReturnPong();
                answered = _closeAnswer;
                _closeAnswer = null;
            }

            next = _sender;
            _sender = null;
            if (next is null)
            {
                if (_pong is not null || _closeAnswer is not null)
                {
                    return false;
                }

                _writing = false;
            }
        }

        // Both continue on other threads.
        next?.SetResult();
        answered?.SetResult();
        return true;
    }

    private bool TryBeginClose()
    {
        lock (_gate)
        {
            ThrowIfBroken();
            if (_state != State.Open)
            {
                return false;
            }

            _state = State.Closed;
            return true;
        }
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? ValueTask.CompletedTask : ObserveAsync(BeginWrite(bytes));

    private async ValueTask ObserveAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                _state = State.Broken;
            }

            throw new IOException("The connection is gone.", error);
        }

        Volatile.Write(ref _taken, _taken + 1);

        // Kestrel takes writes to an aborted connection, and pending ones end without an error.
        lock (_gate)
        {
            ThrowIfBroken();
        }
    }

    private void ThrowIfBroken()
    {
        if (_state == State.Broken)
        {
            throw new IOException("The connection is gone.");
        }
    }
}
