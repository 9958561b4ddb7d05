using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Sockets;

/// <summary>Accepts clients on one address, for the web server.</summary>
internal sealed class SocketListener : IConnectionListener
{
    // As the web server's own.
    private const int Backlog = 512;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Between two warnings of the same.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly MemoryPool<byte> _memory;
    private readonly SocketCount _open;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ClientOutput? _untaken;
    private readonly CancellationTokenSource _unbound = new();
    private long _warnedAt;

    private SocketListener(Socket socket, MemoryPool<byte> memory, SocketCount open, TimeProvider clock, ILogger logger, ClientOutput? untaken)
    {
        _socket = socket;
        _memory = memory;
        _open = open;
        _clock = clock;
        _logger = logger;
        _untaken = untaken;
        EndPoint = socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <summary>Listens.</summary>
    /// <exception cref="AddressInUseException">Somebody else does.</exception>
    public static SocketListener Bind(EndPoint address, MemoryPool<byte> memory, SocketCount open, TimeProvider clock, ILogger logger, ClientOutput? untaken = null)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        try
        {
            socket.Listen(Backlog);
            return new SocketListener(socket, memory, open, clock, logger, untaken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                // Who comes meanwhile waits in the backlog.
                while (_open.IsFull)
                {
                    Warn("as many are connected as there are descriptors for (ulimit -n)");
                    await _open.WaitAsync(_unbound.Token);
                }

                return Open(await _socket.AcceptAsync(cancellationToken));
            }
            catch (Exception error) when (_unbound.IsCancellationRequested || error is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // The server is stopping.
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected)
            {
                // A client that left before it was accepted.
            }
            catch (SocketException error)
            {
                // The whole machine has no more, say. Nothing is wrong with the listener.
                Warn(error.Message);
                await Task.Delay(Pause, _clock, CancellationToken.None);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.Cancel();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync();

    private SocketConnection Open(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            return new SocketConnection(socket, _memory, _open, _untaken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Warn(string reason)
    {
        if (_warnedAt == 0 || _clock.GetElapsedTime(_warnedAt) > Quiet)
        {
            _warnedAt = _clock.GetTimestamp();
            _logger.CannotAccept(reason);
        }
    }
}
