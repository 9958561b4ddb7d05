using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterChat.Bench;

/// <summary>A WebSocket client that is as cheap as can be. It answers no pings: <see cref="KeepAlive"/> tells that it lives.</summary>
internal sealed class Client(Dialect dialect) : IDisposable
{
    private const int Addresses = 16;

    // What idle clients get is looked at by nobody, so they may all overwrite each other's.
    private static readonly byte[] Drain = new byte[16 * 1024];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public Dialect Dialect => dialect;

    /// <summary>Connects and upgrades. Ports of one address would run out, so clients have several addresses of the loopback.</summary>
    public async Task ConnectAsync(int port, int number, string room, CancellationToken cancellationToken)
    {
        _socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + (number % Addresses))]), 0));
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        await SendAsync(dialect.Upgrade(room));
        await ExpectAsync("\r\n\r\n", cancellationToken);
    }

    public async Task JoinAsync(string name, string room, CancellationToken cancellationToken)
    {
        foreach (var (say, expect) in dialect.Opening(name, room))
        {
            await SendAsync(Text(say));
            await ExpectAsync(expect, cancellationToken);
        }
    }

    /// <summary>Sends a text frame. It does not wait for a server that takes nothing: what is sent then goes out later, in order.</summary>
    public void Post(string text) => Post(Text(text));

    /// <summary>A sign of life, in the server's own way.</summary>
    public void KeepAlive() => Post(dialect.KeepAlive is { } text ? Text(text) : [0x8A, 0x80, 0, 0, 0, 0]);

    /// <summary>Shows what comes to a reader, until the connection ends.</summary>
    /// <returns>Whether it was this side that ended it.</returns>
    public async Task<bool> ReadAsync(MessageReader reader, CancellationToken cancellationToken)
    {
        try
        {
            while (await _socket.ReceiveAsync(reader.Free, cancellationToken) is > 0 and var count)
            {
                reader.Advance(count);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Seen by the token.
        }

        return cancellationToken.IsCancellationRequested;
    }

    /// <summary>Takes what comes and looks at nothing of it, without a buffer of its own, until the connection ends.</summary>
    /// <returns>Whether it was this side that ended it.</returns>
    public async Task<bool> IgnoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _socket.ReceiveAsync(Drain.AsMemory(), cancellationToken) > 0)
            {
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Seen by the token.
        }

        return cancellationToken.IsCancellationRequested;
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Text(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var header = payload.Length < 126 ? 6 : 8;
        var frame = new byte[header + payload.Length];
        frame[0] = 0x81;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        // A mask of zeros: the payload as it is.
        payload.CopyTo(frame, header);
        return frame;
    }

    private void Post(byte[] bytes)
    {
        var sending = SendAsync(bytes);
        if (!sending.IsCompletedSuccessfully)
        {
            _ = ObserveAsync(sending);
        }
    }

    private static async Task ObserveAsync(ValueTask<int> sending)
    {
        try
        {
            await sending;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The reader sees the end of the connection.
        }
    }

    private async Task ExpectAsync(string mark, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        var text = string.Empty;
        while (!text.Contains(mark, StringComparison.Ordinal))
        {
            var count = await _socket.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException($"The server closed before {mark}: {text}");
            }

            text += Encoding.UTF8.GetString(buffer, 0, count);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private ValueTask<int> SendAsync(byte[] bytes) => _socket.SendAsync(bytes.AsMemory());
}
