using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// What may stand between a browser and a node: passes connections on byte by byte, can refuse to upgrade them to
/// WebSockets as some company proxies do, and can cut them all.
/// </summary>
public sealed class Relay : IAsyncDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly int _port;
    private readonly Task _accepting;

    public Relay(ChatServer server)
    {
        _port = server.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Answers an upgrade with 403.</summary>
    public bool RefusesUpgrades { get; set; }

    /// <summary>Resets every connection there is; new ones are taken.</summary>
    public void Cut()
    {
        foreach (var socket in _open.Keys)
        {
            socket.Close(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            _open[client] = _open[server] = true;
            try
            {
                var head = await ReadHeadAsync(client);
                if (RefusesUpgrades && head.Contains("\r\nUpgrade: websocket", StringComparison.OrdinalIgnoreCase))
                {
                    await client.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                    client.Shutdown(SocketShutdown.Send);
                    return;
                }

                await server.ConnectAsync(IPAddress.Loopback, _port);
                await server.SendAsync(Encoding.Latin1.GetBytes(head));
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
            {
                // Either side is gone, and with it this connection.
            }
            finally
            {
                _open.TryRemove(client, out _);
                _open.TryRemove(server, out _);
            }
        }
    }

    // Browsers open a connection of its own for each WebSocket, so the first request tells what a connection is for.
    private static async Task<string> ReadHeadAsync(Socket client)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (buffer.AsSpan(0, length).IndexOf(HeadEnd) < 0 && length < buffer.Length)
        {
            var read = await client.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("Closed before a request.");
            }

            length += read;
        }

        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        await using var source = new NetworkStream(from, ownsSocket: false);
        await using var target = new NetworkStream(to, ownsSocket: false);
        await source.CopyToAsync(target);
    }
}
