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

        // The request may be over when it is needed.
        var shown = credentials.Token(context.Request);
        await RunAsync(context, _limits, (transport, allowance) =>
        {
            var connection = registry.OpenJson(transport, shown, allowance);

            // Let in to be told so: pages do not see the status of an upgrade that is refused, and would come back for ever.
            if (services.KeptOut.Refuse(allowance.From) is { } keptOut)
            {
                connection.Outbox.Close(CloseReason.Disconnected, keptOut.Message);
            }

            return connection;
        });
    }

    /// <summary>A bare client: <c>?room=</c> and <c>?name=</c> say where and who.</summary>
    public async Task HandlePlainAsync(HttpContext context)
    {
        if (!await IsWelcomeAsync(context))
        {
            return;
        }

        // Once it was opened, others would see it come and go.
        if (services.KeptOut.Refuse(context.Connection.RemoteIpAddress) is { } keptOut)
        {
            await Problems.WriteAsync(context, keptOut);
            return;
        }

        var room = context.Request.Query["room"].ToString() is { Length: > 0 } asked ? asked : DefaultRoom;
        if (Rules.CheckRoomName(room) is { } wrong)
        {
            await Problems.WriteAsync(context, new ProtocolError(ErrorCode.BadRoom, "room: " + wrong));
            return;
        }

        var name = context.Request.Query["name"].ToString();
        var refused = name.Length > 0 ? UserNames.Check(name, out name) : null;
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
            : !registry.IsOpen || !services.KeptOut.IsKnown ? Full
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

        ClientAllowance? allowance = null;
        WebSocketWire? wire = null;
        Task? served = null;
        try
        {
            (allowance, var full) = services.Limits.Connect(context.Connection.RemoteIpAddress);
            if (allowance is null)
            {
                await Problems.WriteAsync(context, full!);
                return;
            }

            wire = await WebSocketHandshake.AcceptAsync(context);
            if (wire is null)
            {
                return;
            }

            // Nothing of the request, like its trace or its log scopes, belongs to what the client says from now on.
            using (ExecutionContext.SuppressFlow())
            {
                var transport = new WebSocketTransport(wire.Stream, wire.Abort, limits);
                served = ServeAsync(wire, limits, transport, open(transport, allowance));
            }

            if (!wire.OutlivesRequest)
            {
                await served;
            }
        }
        finally
        {
            if (served is null)
            {
                await EndAsync(wire, allowance);
            }
        }
    }

    /// <summary>Reads what the client says until it is gone. Never throws.</summary>
    private async Task ServeAsync(WebSocketWire wire, WebSocketLimits limits, WebSocketTransport transport, ClientConnection connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await WebSocketReadLoop.RunAsync(wire.Stream, transport, connection, limits, services.Input, wire.Aborted);
        }
        catch (Exception error)
        {
            services.Logger.ConnectionFailed(error);
        }
        finally
        {
            registry.Remove(connection);
            await EndAsync(wire, connection.Allowance);
        }
    }

    private async ValueTask EndAsync(WebSocketWire? wire, ClientAllowance? allowance)
    {
        if (wire is { OutlivesRequest: true })
        {
            await wire.Stream.DisposeAsync();
        }

        allowance?.Dispose();
        registry.Release();
    }
}
