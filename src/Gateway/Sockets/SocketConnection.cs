using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// A client's connection while the web server speaks HTTP over it, and until a WebSocket takes the socket from the server
/// (<see cref="Detach"/>). All that the server holds for a connection, some 20 KB, is then free again, and what the
/// client sends needs no pipe and no second thread to arrive.
/// </summary>
/// <remarks>
/// What comes in goes through a pipe, so that the client's leaving is noticed while a request is being answered; what goes
/// out is written at once. Errors of the socket show to the server as the end of what comes in, never as a failed write,
/// which it does not expect.
/// </remarks>
internal sealed class SocketConnection : DefaultConnectionContext
{
    private static long _lastId;

    private readonly Socket _socket;
    private readonly SocketStream _stream;
    private readonly Pipe _input;
    private readonly PipeWriter _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _receiving;

    // What comes in is put into the pipe, or the socket taken, under it.
    private readonly Lock _gate = new();
    private volatile bool _isDetached;
    private volatile bool _isAborted;

    /// <param name="socket">Just accepted.</param>
    /// <param name="memory">For what is received, or waits to be sent.</param>
    /// <param name="count">Told when the socket is closed.</param>
    public SocketConnection(Socket socket, MemoryPool<byte> memory, SocketCount count)
        : base(Interlocked.Increment(ref _lastId).ToString("x", CultureInfo.InvariantCulture))
    {
        _socket = socket;
        _stream = new SocketStream(socket, count);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _input = new Pipe(new PipeOptions(memory, useSynchronizationContext: false));
        _output = PipeWriter.Create(new Output(this), new StreamPipeWriterOptions(memory, leaveOpen: true));
        Transport = new DuplexPipe(_input.Reader, _output);
        Features.Set(this);
        _receiving = ReceiveAsync();
    }

    /// <summary>
    /// Takes the socket from the server, with what has come in and was not read. The server's side of the connection is over
    /// then: what it still writes goes nowhere. Call it when all that the server was to send has been flushed, and nobody
    /// reads from it.
    /// </summary>
    /// <returns>The caller's to dispose.</returns>
    public SocketStream Detach()
    {
        lock (_gate)
        {
            _isDetached = true;
        }

        _stream.ReadBehind(_receiving);
        if (_input.Reader.TryRead(out var rest))
        {
            _stream.Unread(rest.Buffer);
            _input.Reader.AdvanceTo(rest.Buffer.End);
        }

        return _stream;
    }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        // Once detached, the server has lost interest, or is stopping, which those who have the socket know.
        if (!_isDetached)
        {
            _isAborted = true;
            _stream.Abort();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _input.Reader.CompleteAsync();
        await _output.CompleteAsync();
        if (!_isDetached)
        {
            await _stream.DisposeAsync();
            await _receiving;
        }

        await base.DisposeAsync();
    }

    /// <summary>
    /// Ends with the connection; or, once it is detached, as soon as something comes in, which it leaves where it is. (The
    /// wait is not cancelled: that has races of its own with what comes in at the same moment.)
    /// </summary>
    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            do
            {
                // No memory is held while nothing comes.
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            }
            while (TryReceive(out var flush) && !(await flush).IsCompleted);
        }
        catch (Exception gone) when (SocketStream.IsGone(gone))
        {
            error = _isAborted ? new ConnectionAbortedException("The connection was aborted.", gone) : new ConnectionResetException("The connection is gone.", gone);
        }

        await _input.Writer.CompleteAsync(error);
        if (!_isDetached)
        {
            // Whoever listens runs elsewhere: closing waits for this method.
            ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
        }
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

            var count = _socket.Receive(_input.Writer.GetSpan(), SocketFlags.None, out var error);
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

            _input.Writer.Advance(count);
            flush = _input.Writer.FlushAsync();
            return true;
        }
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>What the server writes.</summary>
    private sealed class Output(SocketConnection connection) : OneWayStream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (connection._isDetached || connection._isAborted)
            {
                return;
            }

            try
            {
                await connection._stream.WriteAsync(buffer, cancellationToken);
            }
            catch (Exception error) when (SocketStream.IsGone(error))
            {
                connection.Abort();
            }
        }

        // What is left unflushed at the end of a connection that broke.
        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }
    }
}
