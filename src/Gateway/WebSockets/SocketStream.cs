using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>
/// An upgraded connection that reads through the server and writes to the socket itself, from the thread that holds the
/// bytes: no hand-over to the server's sending loop, no copy into its pipe.
/// </summary>
/// <remarks>
/// <para>
/// The first write decides for good which way all of them take, since two ways have no order between them. The socket is
/// taken only if the client was heard before: it speaks after it has seen the server's answer to the handshake, so
/// nothing of the server's is on its way any more. (A client that speaks earlier may find the answer torn, and has
/// itself to blame.) Who is spoken to first, in plain mode, is written to through the server.
/// </para>
/// <para>A full socket is waited for without a thread: what it has not taken goes to its asynchronous queue.</para>
/// </remarks>
internal sealed class SocketStream : Stream
{
    private readonly Stream _upgraded;
    private readonly Socket _socket;
    private volatile bool _heard;
    private bool _direct;
    private bool _decided;

    private SocketStream(Stream upgraded, Socket socket)
    {
        _upgraded = upgraded;
        _socket = socket;
    }

    /// <summary>Whether it writes to the socket; false as long as nothing was written.</summary>
    public bool IsDirect => _direct;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Where the connection's bytes are the WebSocket's own, with nothing like TLS or HTTP/2 between: past the server. Else as it is.</summary>
    public static Stream Over(Stream upgraded, HttpContext context)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol)
            || context.Features.Get<ITlsHandshakeFeature>() is not null
            || context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            return upgraded;
        }

        // The server itself uses asynchronous calls only, for which this makes no difference.
        socket.Blocking = false;
        return new SocketStream(upgraded, socket);
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => _heard ? _upgraded.ReadAsync(buffer, cancellationToken) : HearAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_decided)
        {
            _decided = true;
            _direct = _heard;
        }

        if (!_direct)
        {
            return _upgraded.WriteAsync(buffer, cancellationToken);
        }

        var sent = _socket.Send(buffer.Span, SocketFlags.None, out var error);
        if (error is SocketError.Success && sent == buffer.Length)
        {
            return ValueTask.CompletedTask;
        }

        return error is SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable
            ? SendRestAsync(buffer[Math.Max(0, sent)..], cancellationToken)
            : throw new IOException("The connection is gone.", new SocketException((int)error));
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> HearAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await _upgraded.ReadAsync(buffer, cancellationToken);
        _heard |= count > 0;
        return count;
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (!rest.IsEmpty)
        {
            rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
        }
    }
}
