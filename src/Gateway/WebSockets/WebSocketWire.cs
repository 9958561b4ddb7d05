using ClusterChat.Gateway.Sockets;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>What a WebSocket's frames go over, once the handshake is done.</summary>
/// <param name="Stream">
/// Sends what is written without being flushed, and answers a read of zero bytes when there is something. Dispose it only
/// if it outlives the request.
/// </param>
/// <param name="Abort">Cuts the connection; may be called from any thread.</param>
/// <param name="OutlivesRequest">Whether the web server is done with the connection; if not, it ends with the request.</param>
/// <param name="Aborted">Set when the server cuts it.</param>
internal sealed record WebSocketWire(Stream Stream, Action Abort, bool OutlivesRequest, CancellationToken Aborted)
{
    /// <summary>A socket that was taken from the server.</summary>
    public static WebSocketWire Of(SocketStream socket) => new(socket, socket.Abort, OutlivesRequest: true, CancellationToken.None);

    /// <summary>A connection that the server still reads and writes.</summary>
    public static WebSocketWire Of(Stream upgraded, HttpContext context) => new(upgraded, context.Abort, OutlivesRequest: false, context.RequestAborted);
}
