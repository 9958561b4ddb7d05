using System.Globalization;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.WebSockets;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>WebSockets: the JSON protocol, and plain mode.</summary>
internal sealed class WebSocketEndpoint(ConnectionRegistry registry, ConnectionServices services, IReadOnlyCollection<string> allowedOrigins)
{
    private const string DefaultRoom = "lobby";

    /// <summary>The answer while the gateway takes no more connections.</summary>
    public static readonly ProtocolError Full = new(ErrorCode.Unavailable, "This gateway takes no more connections right now.", 1000);

    private readonly WebSocketLimits _limits = new() { MaxMessageBytes = services.Protocol.MaxFrameBytes };
    private int _guests;

    /// <summary>A client of the JSON protocol.</summary>
    public Task HandleJsonAsync(HttpContext context) => RunAsync(context, _limits, registry.OpenJson);

    /// <summary>A bare client: <c>?room=</c> and <c>?name=</c> say where and who.</summary>
    public async Task HandlePlainAsync(HttpContext context)
    {
        var room = context.Request.Query["room"].ToString() is { Length: > 0 } asked ? asked : DefaultRoom;
        if (Rules.CheckRoomName(room) is { } wrong)
        {
            await Problems.WriteAsync(context, new ProtocolError(ErrorCode.BadRoom, "room: " + wrong));
            return;
        }

        var name = context.Request.Query["name"].ToString();
        var refused = name.Length > 0 ? Rules.CheckUserName(name) : null;
        if (name.Length == 0 || refused is not null)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"guest-{Interlocked.Increment(ref _guests)}");
        }

        // Each message is a frame of its own, since the client takes a frame for a message.
        await RunAsync(context, _limits with { MaxSendFrameBytes = 0 }, transport =>
        {
            var connection = registry.OpenPlain(transport, room, name);
            if (refused is not null)
            {
                connection.SendError(null, new ProtocolError(ErrorCode.BadName, $"name: {refused}; you are {name}"));
            }

            return connection;
        });
    }

    private async Task RunAsync(HttpContext context, WebSocketLimits limits, Func<IClientTransport, ClientConnection> open)
    {
        if (allowedOrigins.Count > 0 && context.Request.Headers.Origin is [{ } origin] && !allowedOrigins.Contains(origin))
        {
            await Problems.WriteAsync(context, new ProtocolError(ErrorCode.Forbidden, "This origin is not allowed."));
            return;
        }

        if (!registry.IsOpen)
        {
            await Problems.WriteAsync(context, Full);
            return;
        }

        if (await WebSocketHandshake.AcceptAsync(context) is not { } stream)
        {
            return;
        }

        var transport = new WebSocketTransport(stream, context.Abort, limits);
        var connection = open(transport);
        try
        {
            await WebSocketReadLoop.RunAsync(stream, transport, connection, limits, context.RequestAborted);
        }
        finally
        {
            registry.Remove(connection);
        }
    }
}
