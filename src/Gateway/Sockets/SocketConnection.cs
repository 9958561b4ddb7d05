using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using ClusterChat.Gateway.Limits;
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

    private readonly SocketStream _stream;
    private readonly SocketReceiver _receiver;
    private readonly Pipe _input;
    private readonly PipeWriter _output;
    private readonly ClientOutput? _untaken;
    private UntakenAnswer? _answer;
    private volatile bool _isOver;
    private bool _isDetached;

    /// <param name="socket">Just accepted.</param>
    /// <param name="memory">For what is received, or waits to be sent.</param>
    /// <param name="count">In which the socket counts until it is closed.</param>
    /// <param name="untaken">Where counts what the client does not take; null where nobody counts.</param>
    /// <exception cref="SocketException">The client is gone already; the socket is still the caller's.</exception>
    public SocketConnection(Socket socket, MemoryPool<byte> memory, SocketCount count, ClientOutput? untaken = null)
        : base(Interlocked.Increment(ref _lastId).ToString("x", CultureInfo.InvariantCulture))
    {
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _stream = new SocketStream(socket, count);
        _untaken = untaken;
        var closed = new CancellationTokenSource();
        ConnectionClosed = closed.Token;
        _input = new Pipe(new PipeOptions(memory, useSynchronizationContext: false));
        _output = PipeWriter.Create(new Output(this), new StreamPipeWriterOptions(memory, leaveOpen: true));
        Transport = new DuplexPipe(_input.Reader, _output);
        Features.Set(this);
        _receiver = new SocketReceiver(socket, _input, closed);
    }

    /// <summary>
    /// Takes the socket from the server, with what has come in and was not read. The server's side of the connection is over
    /// then: what it still writes goes nowhere. Call it when all that the server was to send has been flushed, and nobody
    /// reads from it.
    /// </summary>
    /// <returns>The caller's to dispose.</returns>
    public SocketStream Detach()
    {
        _isDetached = true;
        _isOver = true;
        _receiver.Detach();
        _stream.ReadBehind(_receiver.Ended);
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
            _isOver = true;
            _receiver.IsAborted = true;
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
            await _receiver.Ended;
        }

        await base.DisposeAsync();
    }

    /// <summary>Waits until the client takes a write, for so long as it takes anything, and there is room for what waits.</summary>
    private async ValueTask WaitAsync(ValueTask write, int length)
    {
        _answer ??= new UntakenAnswer(_untaken!, () => _stream.Taken, Abort);

        // The server has all that it flushes at once in its buffers until the last of it is written, and whoever made the answer has it as well.
        _answer.Begin(2 * Math.Max(length, _output.UnflushedBytes));
        try
        {
            await write;
        }
        finally
        {
            _answer.End();
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
            if (connection._isOver)
            {
                return;
            }

            try
            {
                var write = connection._stream.WriteAsync(buffer, cancellationToken);
                await (write.IsCompleted || connection._untaken is null ? write : connection.WaitAsync(write, buffer.Length));
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
