using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using ClusterChat.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

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
    // Unread bytes that wait in the pipe before the client has to. Those of a request's headers that the server has looked at do not count for it.
    private const int MostUnread = 16 * 1024;

    private static long _lastId;

    private readonly SocketPlace _place;
    private readonly SocketStream _stream;
    private readonly SocketReceiver _receiver;
    private readonly Pipe _input;
    private readonly PipeWriter _output;
    private volatile IByteHolder? _reading;
    private readonly ClientOutput? _untaken;
    private UntakenAnswer? _answer;
    private volatile bool _isOver;
    private bool _isDetached;

    /// <param name="place">That of the socket.</param>
    /// <param name="memory">For what is received, or waits to be sent.</param>
    /// <param name="budget">In which counts what is received and makes no whole request.</param>
    /// <param name="untaken">Where counts what the client does not take; null where nobody counts.</param>
    /// <exception cref="SocketException">The client is gone already; the socket is still the caller's.</exception>
    /// <exception cref="ObjectDisposedException">The same, by this side.</exception>
    public SocketConnection(SocketPlace place, MemoryPool<byte> memory, ByteBudget budget, ClientOutput? untaken = null)
        : base(Interlocked.Increment(ref _lastId).ToString("x", CultureInfo.InvariantCulture))
    {
        _place = place;
        LocalEndPoint = place.Socket.LocalEndPoint;
        RemoteEndPoint = place.Socket.RemoteEndPoint;
        _stream = new SocketStream(place);
        _untaken = untaken;
        var closed = new CancellationTokenSource();
        ConnectionClosed = closed.Token;
        _input = new Pipe(new PipeOptions(memory, pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2, useSynchronizationContext: false));
        Input = new SocketInput(_input.Reader, budget, place.Begun, GiveUp);
        _output = PipeWriter.Create(new Output(this), new StreamPipeWriterOptions(memory, leaveOpen: true));
        Transport = new DuplexPipe(Input, _output);
        Features.Set(this);
        _receiver = new SocketReceiver(place.Socket, _input, Input, closed);
    }

    /// <summary>What has come in.</summary>
    public SocketInput Input { get; }

    /// <summary>Who reads the body of the request that is being answered: it can say why it gives up. Null while nobody does.</summary>
    public IByteHolder? Reading { get => _reading; set => _reading = value; }

    /// <summary>Whether this side has ended it.</summary>
    public bool IsOver => _isOver;

    /// <summary>The server has a whole request, and begins to answer it.</summary>
    public void BeginAnswer()
    {
        _place.Begun();
        if (Input.BeginAnswer())
        {
            _place.Heard();
        }
    }

    /// <summary>The server has answered a request.</summary>
    public void EndAnswer()
    {
        if (Input.EndAnswer() && !_isDetached)
        {
            _place.Answered();
        }
    }

    /// <summary>Ends a connection that holds too much, or the place of others. May be called at any time, from any thread.</summary>
    public void GiveUp() => End("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8);

    /// <summary>Ends a connection that does not go on. May be called at any time, from any thread.</summary>
    public void Stall() => End("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8);

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
        _place.Taken();
        _receiver.Detach();
        _stream.ReadBehind(_receiver.Ended);
        if (_input.Reader.TryRead(out var rest))
        {
            _stream.Unread(rest.Buffer);
            _input.Reader.AdvanceTo(rest.Buffer.End);
        }

        Input.End();
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
        Input.End();
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

    private void End(ReadOnlySpan<byte> answer)
    {
        if (_isDetached)
        {
            return;
        }

        // What it holds is as good as free: else each byte of others would ask again who is to go, until the server has cleared up behind it.
        var hasHalfRequest = Input.HasHalfRequest;
        Input.End();
        if (_reading is { } reading)
        {
            reading.GiveUp();
            return;
        }

        // Whoever is in the middle of a request hears why, unless that would have to be encrypted.
        if (hasHalfRequest && Features.Get<ITlsHandshakeFeature>() is null)
        {
            _stream.TrySend(answer);
        }

        Abort(new ConnectionAbortedException("The server has no room for it."));
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
