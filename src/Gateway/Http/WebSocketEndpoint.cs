using System.Globalization;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.WebSockets;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>WebSockets: the JSON protocol, and plain mode.</summary>
internal sealed class WebSocketEndpoint(ConnectionRegistry registry, ConnectionServices services, RequestCredentials credentials)
{
    private const string DefaultRoom = "lobby";

    /// <summary>The answer while the gateway takes no more connections.</summary>
    public static readonly ProtocolError Full = new(ErrorCode.Unavailable, "This gateway takes no more connections right now.", 1000);

    private readonly WebSocketLimits _limits = new() { MaxMessageBytes = services.Protocol.MaxFrameBytes };
    private int _guests;

    /// <summary>A client of the JSON protocol.</summary>
    public async Task HandleJsonAsync(HttpContext context)
    {
        if (!await IsWelcomeAsync(context))
        {
            return;
        }

        // A token of the header is judged before the upgrade, while there still is a status to answer with. A cookie is there
        // whether the page thinks of it or not, and its hello may bring a better token.
        if (!services.Authenticator.TakesAnonymous && RequestCredentials.Header(context.Request) is { } token
            && (await AdmitAsync(context, new Credentials(null, null, token))).Error is { } error)
        {
            await Problems.WriteAsync(context, error);
            return;
        }

        await RunAsync(context, _limits, (transport, allowance) => registry.OpenJson(transport, credentials.Token(context.Request), allowance));
    }

    /// <summary>A bare client: <c>?room=</c> and <c>?name=</c> say where and who.</summary>
    public async Task HandlePlainAsync(HttpContext context)
    {
        if (!await IsWelcomeAsync(context))
        {
            return;
        }

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

        var (who, error) = await AdmitAsync(context, new Credentials(name, null, credentials.Token(context.Request)));
        if ((error ?? who!.Refuse(room)) is { } no)
        {
            await Problems.WriteAsync(context, no);
            return;
        }

        // Each message is a frame of its own, since the client takes a frame for a message.
        await RunAsync(context, _limits with { MaxSendFrameBytes = 0 }, (transport, allowance) =>
        {
            var connection = registry.OpenPlain(transport, room, who!, allowance);
            if (!allowance.TryIdentify(who!.Member.User))
            {
                connection.Outbox.Close(CloseReason.ConnectionLimit, "too many connections of this user");
            }

            if (refused is not null && services.Authenticator.TakesAnonymous)
            {
                connection.SendError(null, new ProtocolError(ErrorCode.BadName, $"name: {refused}; you are {name}"));
            }

            return connection;
        });
    }

    /// <summary>To check a signature costs more than to ask for it.</summary>
    private ValueTask<Admission> AdmitAsync(HttpContext context, Credentials shown)
        => shown.Token is not null && services.Limits.Request(context.Connection.RemoteIpAddress) is { } tooMany
            ? new(tooMany)
            : services.Authenticator.AdmitAsync(shown, context.RequestAborted);

    /// <summary>Before anything is asked of anybody else. Where it is false, it is answered.</summary>
    private async ValueTask<bool> IsWelcomeAsync(HttpContext context)
    {
        var error = !credentials.AllowsOrigin(context.Request) ? new ProtocolError(ErrorCode.Forbidden, "This origin is not allowed.")
            : !registry.IsOpen ? Full
            : null;
        if (error is not null)
        {
            await Problems.WriteAsync(context, error);
        }

        return error is null;
    }

    private async Task RunAsync(HttpContext context, WebSocketLimits limits, Func<IClientTransport, ClientAllowance, ClientConnection> open)
    {
        if (!registry.TryReserve())
        {
            await Problems.WriteAsync(context, Full);
            return;
        }

        try
        {
            var (allowance, full) = services.Limits.Connect(context.Connection.RemoteIpAddress);
            if (allowance is null)
            {
                await Problems.WriteAsync(context, full!);
                return;
            }

            using (allowance)
            {
                await RunAsync(context, limits, transport => open(transport, allowance));
            }
        }
        finally
        {
            registry.Release();
        }
    }

    private async Task RunAsync(HttpContext context, WebSocketLimits limits, Func<IClientTransport, ClientConnection> open)
    {
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
