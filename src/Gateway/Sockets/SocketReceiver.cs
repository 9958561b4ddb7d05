using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// Brings what a client sends to the web server, until somebody takes the socket. It knows nothing of the server's: after that
/// it may wait for the client's next bytes for a long time, and would keep alive whatever it holds.
/// </summary>
internal sealed class SocketReceiver
{
    private readonly Socket _socket;
    private readonly Pipe _pipe;

    // What comes in is put into the pipe, or the socket taken, under it.
    private readonly Lock _gate = new();
    private CancellationTokenSource? _closed;
    private SocketInput? _input;
    private volatile bool _isDetached;

    /// <param name="socket">Non-blocking.</param>
    /// <param name="pipe">Where the bytes go.</param>
    /// <param name="input">Is told of them.</param>
    /// <param name="closed">Cancelled when no more will come, from a thread of its own.</param>
    public SocketReceiver(Socket socket, Pipe pipe, SocketInput input, CancellationTokenSource closed)
    {
        _socket = socket;
        _pipe = pipe;
        _input = input;
        _closed = closed;
        Ended = ReceiveAsync();
    }

    /// <summary>
    /// Completes with the connection; or, once it is detached, as soon as something comes in, which is left where it is. (The
    /// wait is not cancelled: that has races of its own with what comes in at the same moment.)
    /// </summary>
    public Task Ended { get; }

    /// <summary>Set before the server cuts the connection.</summary>
    public bool IsAborted { get; set; }

    /// <summary>Puts nothing more into the pipe.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _isDetached = true;
            _closed = null;
            _input = null;
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            do
            {
                // No memory is held while nothing comes.
                var more = _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                if (!more.IsCompleted)
                {
                    _input?.Settle();
                }

                await more;
            }
            while (TryReceive(out var flush) && !(await RoomAsync(flush)).IsCompleted);
        }
        catch (Exception gone) when (SocketStream.IsGone(gone))
        {
            error = IsAborted ? new ConnectionAbortedException("The connection was aborted.", gone) : new ConnectionResetException("The connection is gone.", gone);
        }

        await _pipe.Writer.CompleteAsync(error);
        if (_closed is { } closed)
        {
            // Whoever listens runs elsewhere: closing waits for this method.
            ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), closed, preferLocal: false);
        }
    }

    /// <summary>Waits until the pipe takes more.</summary>
    private ValueTask<FlushResult> RoomAsync(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompleted)
        {
            _input?.Settle();
        }

        return flush;
    }

    /// <summary>Receives what is there. False: nothing more will come to the server.</summary>
    private bool TryReceive(out ValueTask<FlushResult> flush)
    {
        flush = default;
        lock (_gate)
        {
            if (_isDetached)
            {
                return false;
            }

            var count = _socket.Receive(_pipe.Writer.GetSpan(), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                return true;
            }

            if (error != SocketError.Success)
            {
                throw new SocketException((int)error);
            }

            if (count == 0)
            {
                return false;
            }

            _input!.Add(count);
            _pipe.Writer.Advance(count);
            flush = _pipe.Writer.FlushAsync();
            return true;
        }
    }
}
