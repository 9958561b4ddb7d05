using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterChat.Gateway.Http;

/// <summary>Server-Sent Events of a room; protocol, section 7.</summary>
internal static class SseEndpoint
{
    public static async Task HandleAsync(
        HttpContext context, string room, ClientIdentity? who, ConnectionRegistry registry, ConnectionServices services)
    {
        if (!registry.TryReserve())
        {
            await Problems.WriteAsync(context, WebSocketEndpoint.Full);
            return;
        }

        try
        {
            await RunAsync(context, room, who, registry, services);
        }
        finally
        {
            registry.Release();
        }
    }

    private static async Task RunAsync(
        HttpContext context, string room, ClientIdentity? who, ConnectionRegistry registry, ConnectionServices services)
    {
        var (allowance, full) = services.Limits.Connect(context.Connection.RemoteIpAddress);
        using var held = allowance;
        if (full is not null || (who is not null && !allowance!.TryIdentify(who.Member.User)))
        {
            await Problems.WriteAsync(context, full ?? new ProtocolError(ErrorCode.RateLimited, "Too many connections of this user.", 5000));
            return;
        }

        if (services.Limits.Reads.Check(allowance!.Address) is { } tooMuch)
        {
            await Problems.WriteAsync(context, tooMuch);
            return;
        }

        var last = context.Request.Headers["Last-Event-ID"].ToString();
        if (last.Length == 0)
        {
            last = context.Request.Query["after"].ToString();
        }

        // A position that nobody gave out is answered like one that is gone: with a reset.
        Position? since = null;
        if (last.Length > 0 && !Position.TryParse(last, out since))
        {
            since = new Position("?", 0);
        }

        var limits = services.Protocol;
        var limit = (int)RoomApi.Integer(context, "limit", limits.DefaultPageSize, 0, limits.MaxPageSize);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var headers = context.Response.Headers;
        headers.ContentType = "text/event-stream";
        headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            // The stream has no end, and who asks for its headers alone is not in the room.
            return;
        }

        var transport = new SseTransport(context);
        var connection = registry.OpenSse(transport, new SseRequest(room, who, since, limit), allowance);
        transport.Written = connection.Touch;
        try
        {
            if (await connection.Entered.WaitAsync(context.RequestAborted) is { } error)
            {
                headers.Remove("X-Accel-Buffering");
                await Problems.WriteAsync(context, error);
                return;
            }

            // The outbox has begun the response, and is alone in writing to it.
            await transport.Closed.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client went away.
        }
        finally
        {
            registry.Remove(connection);
            await transport.EndAsync();
        }
    }
}
