using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Gateway.Connections;
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

    private readonly Socket _socket;
    private readonly MemoryPool<byte> _memory;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    private SocketListener(Socket socket, MemoryPool<byte> memory, TimeProvider clock, ILogger logger)
    {
        _socket = socket;
        _memory = memory;
        _clock = clock;
        _logger = logger;
        EndPoint = socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <summary>Listens.</summary>
    /// <exception cref="AddressInUseException">Somebody else does.</exception>
    public static SocketListener Bind(EndPoint address, MemoryPool<byte> memory, TimeProvider clock, ILogger logger)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        try
        {
            socket.Listen(Backlog);
            return new SocketListener(socket, memory, clock, logger);
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
                var socket = await _socket.AcceptAsync(cancellationToken);
                socket.NoDelay = true;
                return new SocketConnection(socket, _memory);
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // Unbound: the server is stopping.
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // Nothing is wrong with the listener: clients wait in its backlog until somebody leaves.
                _logger.CannotAccept(error.Message);
                await Task.Delay(Pause, _clock, cancellationToken);
            }
            catch (SocketException)
            {
                // A client that left before it was accepted.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync();
}
