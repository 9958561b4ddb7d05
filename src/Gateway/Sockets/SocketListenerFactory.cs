using System.Net;
using System.Net.Sockets;
using ClusterChat.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Sockets;

/// <summary>The web server's sockets, in a way that WebSockets can take theirs from it. Register it after the server.</summary>
/// <param name="memory">Where the server takes memory from.</param>
/// <param name="sockets">How many there may be, and of whom.</param>
/// <param name="logger">The log.</param>
/// <param name="untaken">Where counts what clients do not take of their answers; null where nobody counts.</param>
public sealed class SocketListenerFactory(IMemoryPoolFactory<byte> memory, ClientSockets sockets, ILogger<SocketListenerFactory> logger, ClientOutput? untaken = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <inheritdoc/>
    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            return new(SocketListener.Bind(endpoint, memory.Create(), sockets, logger, untaken));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(error.Message, error);
        }
    }
}
