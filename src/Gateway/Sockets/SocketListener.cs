using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ClusterChat.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// Accepts clients on one address, for the web server. It gets those that have said something: one that is silent costs a tenth of what the server holds
/// for a connection, and can be closed without ado where others need its place.
/// </summary>
internal sealed class SocketListener : IConnectionListener
{
    // What Linux has for most (net.core.somaxconn): they are accepted faster than they can come, but not where others of this process have the cores.
    private const int Backlog = 4096;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly MemoryPool<byte> _memory;
    private readonly ClientSockets _sockets;
    private readonly SocketWarnings _warnings;
    private readonly ClientOutput? _untaken;
    private readonly CancellationTokenSource _unbound = new();
    private readonly Channel<SocketConnection> _heard = Channel.CreateUnbounded<SocketConnection>(new UnboundedChannelOptions { SingleReader = true });
    private Task? _accepting;

    private SocketListener(Socket socket, MemoryPool<byte> memory, ClientSockets sockets, ILogger logger, ClientOutput? untaken)
    {
        _socket = socket;
        _memory = memory;
        _sockets = sockets;
        _untaken = untaken;
        _warnings = new SocketWarnings(logger, sockets.Clock);
        EndPoint = socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <summary>Listens.</summary>
    /// <exception cref="AddressInUseException">Somebody else does.</exception>
    public static SocketListener Bind(EndPoint address, MemoryPool<byte> memory, ClientSockets sockets, ILogger logger, ClientOutput? untaken = null)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        try
        {
            if (sockets.Table.SendBuffer > 0)
            {
                // Those that it accepts have it from it.
                socket.SendBufferSize = sockets.Table.SendBuffer;
            }

            socket.Listen(Backlog);
            return new SocketListener(socket, memory, sockets, logger, untaken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>One call at a time. Null: the server is stopping.</remarks>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        _accepting ??= AcceptAllAsync();
        while (await _heard.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_heard.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.Cancel();
        _socket.Dispose();
        _heard.Writer.TryComplete();
        _sockets.Table.CloseSilent(this);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync();

    private async Task AcceptAllAsync()
    {
        // Where many come at once, the first ones need not wait for the last.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (await TryAcceptAsync())
            {
            }

            _heard.Writer.TryComplete();
        }
        catch (Exception error)
        {
            // The server says so in the log.
            _heard.Writer.TryComplete(error);
        }
    }

    /// <returns>False: the server is stopping.</returns>
    private async Task<bool> TryAcceptAsync()
    {
        try
        {
            await LetInAsync(await _socket.AcceptAsync(CancellationToken.None));
        }
        catch (Exception error) when (_unbound.IsCancellationRequested || error is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
        {
            return false;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected)
        {
            // A client that left before it was accepted.
        }
        catch (SocketException error)
        {
            // The whole machine has no more, say. Nothing is wrong with the listener.
            _warnings.Failed(error);
            await Task.Delay(Pause, _sockets.Clock, CancellationToken.None);
        }

        return true;
    }

    private async ValueTask LetInAsync(Socket socket)
    {
        var address = Address(socket);
        if (_sockets.Table.TryAdd(socket, address, this) is not { } place)
        {
            // Before HTTP there is nothing to answer with.
            SocketPlace.Reset(socket);
            _warnings.OverAddress(address);
            return;
        }

        if (!_sockets.Table.TryEnter(place) && !await WaitAsync(place))
        {
            place.Reset();
            return;
        }

        _ = HearAsync(place);
    }

    /// <summary>Waits until there is room; who comes meanwhile waits in the backlog. False: the server is stopping.</summary>
    private async ValueTask<bool> WaitAsync(SocketPlace place)
    {
        while (!_unbound.IsCancellationRequested)
        {
            // Asked for first: whatever changes after the look is not missed.
            var changed = _sockets.Table.WaitAsync();
            if (_sockets.Table.TryEnter(place))
            {
                return true;
            }

            _warnings.Full();
            await Task.WhenAny(changed, Task.Delay(Pause, _sockets.Clock, _unbound.Token));
        }

        return false;
    }

    private static IPAddress? Address(Socket socket)
    {
        try
        {
            return (socket.RemoteEndPoint as IPEndPoint)?.Address;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a client's first word, and gives it to the server then. Never throws.</summary>
    private async Task HearAsync(SocketPlace place)
    {
        try
        {
            place.Socket.NoDelay = true;
            await place.Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            if (place.Socket.Available > 0)
            {
                await place.WaitForTurnAsync();
                var connection = new SocketConnection(place, _memory, _sockets.Input.Budget, _untaken);
                if (place.TryBegin(connection) && _heard.Writer.TryWrite(connection))
                {
                    return;
                }

                await connection.DisposeAsync();
                return;
            }
        }
        catch (Exception error) when (SocketStream.IsGone(error))
        {
            // It left, or was closed to make room.
        }

        place.Socket.Dispose();
        place.Free();
    }
}
