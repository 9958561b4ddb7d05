using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace ClusterChat.Siege.Net;

/// <summary>A TCP connection to the node from an address of one's choice. While it hears nothing it has no buffer.</summary>
internal sealed class Wire : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    /// <summary>Longer than TCP takes to try three times.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    // <linux/in.h>: IP_BIND_ADDRESS_NO_PORT. The port is chosen at the connect, so that one address has all ports towards each node.
    private const int LevelIp = 0, BindAddressNoPort = 24;
    private static readonly byte[] Yes = BitConverter.GetBytes(1);

    private readonly Socket _socket;

    private Wire(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="from">Any address of the loopback interface.</param>
    /// <param name="receiveBuffer">The socket's receive buffer in bytes; 0 for the system's choice.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SocketException">It could not.</exception>
    /// <exception cref="OperationCanceledException">Nobody answered in time, or it was given up.</exception>
    public static async Task<Wire> OpenAsync(IPEndPoint node, IPAddress from, int receiveBuffer, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetRawSocketOption(LevelIp, BindAddressNoPort, Yes);

            // A close is a reset: thousands of ports would be waiting for their time to be over otherwise.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            if (receiveBuffer > 0)
                socket.ReceiveBufferSize = receiveBuffer;
            socket.Bind(new IPEndPoint(from, 0));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(ConnectLimit);
            await socket.ConnectAsync(node, limit.Token);
            return new Wire(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Writes all of it.</summary>
    /// <exception cref="SocketException">The connection is gone.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes, stop)..];
    }

    /// <summary>Writes a little, without a wait for a node that takes nothing: it goes out later then, in order. Who reads sees the end of the connection.</summary>
    public void Post(ReadOnlyMemory<byte> bytes) => _ = PostAsync(bytes);

    /// <summary>Tells an ear what comes, until it has heard enough or the connection is over.</summary>
    /// <param name="ear">Who hears it.</param>
    /// <param name="enough">Asked after each read; null to go on to the end.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>How the connection ended; null where it has not.</returns>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<string?> HearAsync(Ear ear, Func<bool>? enough, CancellationToken stop)
    {
        try
        {
            while (enough is null || !enough())
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, stop);
                if (!await ReadAsync(ear, stop))
                    return "closed";
            }

            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown ? "cut" : "cut: " + error.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return "ended here";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReadAsync(Ear ear, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var count = await _socket.ReceiveAsync(buffer, stop);
            ear.Hear(buffer.AsSpan(0, count));
            return count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task PostAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes, CancellationToken.None);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The reader sees it.
        }
    }
}
