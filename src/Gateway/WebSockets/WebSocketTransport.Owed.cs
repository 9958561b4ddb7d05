using System.Buffers;

namespace ClusterChat.Gateway.WebSockets;

/// <content>What the reading side owes the client: pongs, and the answer to its close.</content>
internal sealed partial class WebSocketTransport
{
    // A pong and a close.
    private const int MaxOwedLength = 2 * FrameWriter.MaxControlFrameLength;

    private TaskCompletionSource? _closeAnswer;
    private ushort _closeAnswerCode;
    private byte[]? _pong;
    private int _pongLength;

    /// <summary>
    /// Answers a ping, soon; never waits. Of several that could not be answered yet, the latest counts.
    /// </summary>
    /// <param name="payload">The ping's, at most 125 bytes; copied.</param>
    public void Pong(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_state != State.Open)
            {
                return;
            }

            _pong ??= ArrayPool<byte>.Shared.Rent(FrameWriter.MaxControlFrameLength);
            _pongLength = FrameWriter.WriteControl(_pong, Opcode.Pong, payload);
            if (_writing)
            {
                return;
            }

            _writing = true;
        }

        _ = PayOwedAsync();
    }

    /// <summary>
    /// Answers the client's close frame with its own code, unless one of ours is out already. Completes when no
    /// write is under way any more, successful or not: then the stream may be given up.
    /// </summary>
    /// <param name="code">The client's code, or <see cref="CloseCodes.None"/>.</param>
    public Task AnswerCloseAsync(ushort code)
    {
        TaskCompletionSource answered;
        lock (_gate)
        {
            if (!_writing && _state != State.Open)
            {
                return Task.CompletedTask;
            }

            answered = _closeAnswer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _closeAnswerCode = code;
            if (_writing)
            {
                return answered.Task;
            }

            _writing = true;
        }

        _ = PayOwedAsync();
        return answered.Task;
    }

    /// <summary>
    /// Writes pongs and the answer to a close; the caller has taken the turn. Never fails: a broken connection
    /// shows in the state, and to the reading side.
    /// </summary>
    private async Task PayOwedAsync()
    {
        do
        {
            var buffer = ArrayPool<byte>.Shared.Rent(MaxOwedLength);
            try
            {
                await WriteAsync(buffer.AsMemory(0, TakeOwed(buffer, out _)));
            }
            catch (IOException)
            {
                // The next call of the outbox meets the state.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        while (!PassTurn());
    }

    /// <summary>Takes what is owed to the client and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxOwedLength"/>.</param>
    /// <param name="stillOpen">Whether another frame may follow.</param>
    /// <exception cref="IOException">The connection is gone.</exception>
    private int TakeOwed(Span<byte> destination, out bool stillOpen)
    {
        lock (_gate)
        {
            ThrowIfBroken();
            var length = 0;
            if (_state == State.Open && _pong is not null)
            {
                _pong.AsSpan(0, _pongLength).CopyTo(destination);
                length = _pongLength;
                ReturnPong();
            }

            if (_state == State.Open && _closeAnswer is not null)
            {
                length += FrameWriter.WriteClose(destination[length..], _closeAnswerCode, "");
                _state = State.Closed;
            }

            stillOpen = _state == State.Open;
            return length;
        }
    }

    private void ReturnPong()
    {
        if (_pong is { } pong)
        {
            _pong = null;
            ArrayPool<byte>.Shared.Return(pong);
        }
    }
}
