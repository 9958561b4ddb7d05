using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// A socket as a stream that writes from the thread that holds the bytes: no hand-over to a sending loop, no copy into a pipe.
/// </summary>
/// <remarks>
/// A full socket is waited for without a thread: what it has not taken goes to its asynchronous queue. One read and one
/// write may be under way at a time. What goes wrong is thrown as the socket throws it: <see cref="IsGone"/>.
/// </remarks>
internal sealed class SocketStream : OneWayStream
{
    // Where the system does not say more: the least that shows that a client takes something, half a minute's worth of a line of 0.5 KB/s.
    private const int Slice = 16 * 1024;

    // Linux, tcp(7) and its struct tcp_info: IPPROTO_TCP, TCP_INFO, and where tcpi_bytes_acked stands.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int BytesAcked = 120;

    private readonly Socket _socket;
    private readonly SocketPlace _place;
    private long _taken;
    private ReadOnlyMemory<byte> _unread;
    private Task? _earlier;

    /// <param name="place">That of a connected socket, which is made non-blocking here, and closed with this.</param>
    public SocketStream(SocketPlace place)
    {
        _place = place;
        _socket = place.Socket;

        // For asynchronous calls it makes no difference.
        _socket.Blocking = false;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>
    /// Grows with what the client takes of a write that has to wait: on Linux the bytes that its machine has confirmed. (A socket takes nothing more before a third
    /// of its buffer is free, and for a phone that has come to a bad line that may be minutes.) Read from any thread.
    /// </summary>
    public long Taken
    {
        get
        {
            if (OperatingSystem.IsLinux())
            {
                try
                {
                    Span<byte> info = stackalloc byte[BytesAcked + sizeof(long)];
                    if (_socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length)
                    {
                        return MemoryMarshal.Read<long>(info[BytesAcked..]);
                    }
                }
                catch (Exception error) when (IsGone(error))
                {
                    // Whoever waits finds out by itself.
                }
            }

            return Volatile.Read(ref _taken);
        }
    }

    /// <summary>Whether this is how a read or a write ends where the connection is over.</summary>
    public static bool IsGone(Exception error) => error is SocketException or ObjectDisposedException;

    /// <summary>Cuts the connection: what is under way fails. May be called at any time, from any thread.</summary>
    public void Abort()
    {
        _socket.Dispose();
        _place.Free();
    }

    /// <summary>Sends a last word where the socket takes it at once. Nobody may be writing.</summary>
    public void TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _socket.Send(bytes, SocketFlags.None, out _);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (IsGone(error))
        {
            // The client was first.
        }
    }

    /// <summary>Puts bytes in front of what the socket still has. Before the first read.</summary>
    public void Unread(ReadOnlySequence<byte> bytes) => _unread = bytes.ToArray();

    /// <summary>Somebody else still waits for the socket to have something: reads begin when that is over. Before the first read.</summary>
    public void ReadBehind(Task earlier) => _earlier = earlier;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unread.IsEmpty)
        {
            // As it is, without a state machine that would wait along with it for as long as a client is silent.
            return _earlier is null ? _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return new(count);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var sent = _socket.Send(buffer.Span, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success when sent == buffer.Length => ValueTask.CompletedTask,
            SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable
                => SendRestAsync(buffer[Math.Max(0, sent)..], cancellationToken),
            _ => throw new SocketException((int)error),
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            // Whatever was written still goes out; the client sees an orderly end.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (IsGone(error))
        {
            // The client was first.
        }

        Abort();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await _earlier!.WaitAsync(cancellationToken);
        _earlier = null;
        return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (!rest.IsEmpty)
        {
            // The socket says nothing until it has taken all that it was given.
            var sent = await _socket.SendAsync(rest[..Math.Min(rest.Length, Slice)], SocketFlags.None, cancellationToken);
            rest = rest[sent..];
            Volatile.Write(ref _taken, _taken + sent);
        }
    }
}
