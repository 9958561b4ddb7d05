using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClusterChat.Gateway.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>
/// The opening handshake, RFC 6455, section 4.2, and over HTTP/2, where browsers use it on their own as soon as a
/// server has TLS, RFC 8441. No extension is agreed to.
/// </summary>
internal static class WebSocketHandshake
{
    /// <summary>The protocol's name in <c>Sec-WebSocket-Protocol</c>; protocol, section 1.</summary>
    public const string Subprotocol = "clusterchat.v1";

    private const string Version = "13";

    /// <summary>Whether the request asks for a WebSocket at all, well or badly: for choosing who answers.</summary>
    public static bool IsRequest(HttpContext context)
        => IsExtendedConnect(context)
            || (HasToken(context.Request.Headers.Upgrade, "websocket") && HasToken(context.Request.Headers.Connection, "upgrade"));

    /// <summary>Whether the client offers a subprotocol.</summary>
    public static bool Offers(HttpRequest request, string subprotocol)
        => HasToken(request.Headers.SecWebSocketProtocol, subprotocol, StringComparison.Ordinal);

    /// <summary>
    /// Upgrades the connection and lifts the server's limits on time, size and rate from it; where its bytes are the
    /// WebSocket's own, with nothing like TLS or HTTP/2 between, takes it from the server. Null if the request is not fit
    /// for it: then it is answered, 400 or 426, with a problem document.
    /// </summary>
    public static async ValueTask<WebSocketWire?> AcceptAsync(HttpContext context)
    {
        var extended = IsExtendedConnect(context);
        if (Judge(context, extended) is { } problem)
        {
            await AnswerAsync(context, problem);
            return null;
        }

        LiftLimits(context.Features);
        var headers = context.Response.Headers;
        if (Offers(context.Request, Subprotocol))
        {
            headers.SecWebSocketProtocol = Subprotocol;
        }

        if (extended)
        {
            return WebSocketWire.Of(await context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync(), context);
        }

        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptValue(context.Request.Headers.SecWebSocketKey.ToString());
        var upgraded = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // The answer to the handshake is flushed by now, and the client's first frame is still to be read.
        return context.Features.Get<ITlsHandshakeFeature>() is null && context.Features.Get<SocketConnection>() is { } connection
            ? WebSocketWire.Of(connection.Detach())
            : WebSocketWire.Of(upgraded, context);
    }

    /// <summary>The answer to a <c>Sec-WebSocket-Key</c>, RFC 6455, section 4.2.2.</summary>
    public static string AcceptValue(string key)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The RFC wants SHA-1; nothing secret depends on it.
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    private static bool IsExtendedConnect(HttpContext context)
        => context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);

    private static Problem? Judge(HttpContext context, bool extended)
    {
        var request = context.Request;
        if (!extended)
        {
            if (!HttpMethods.IsGet(request.Method))
            {
                return new Problem(StatusCodes.Status400BadRequest, "A WebSocket is opened with GET.");
            }

            if (!IsRequest(context))
            {
                return new Problem(StatusCodes.Status426UpgradeRequired, "This is a WebSocket endpoint: Upgrade: websocket is missing.");
            }

            if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
            {
                return new Problem(StatusCodes.Status400BadRequest, "This request cannot be upgraded; it has to be HTTP/1.1 without a body.");
            }
        }

        if (request.Headers.SecWebSocketVersion != Version)
        {
            return new Problem(StatusCodes.Status426UpgradeRequired, "Sec-WebSocket-Version has to be 13.");
        }

        return extended || IsKey(request.Headers.SecWebSocketKey)
            ? null
            : new Problem(StatusCodes.Status400BadRequest, "Sec-WebSocket-Key has to be 16 bytes in base64.");
    }

    private static bool IsKey(StringValues values)
        => values is [{ Length: 24 } key] && Base64.IsValid(key, out var length) && length == 16;

    private static bool HasToken(StringValues values, string token, StringComparison comparison = StringComparison.OrdinalIgnoreCase)
    {
        foreach (var value in values)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                if (value.AsSpan(range).Trim(" \t").Equals(token, comparison))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// What guards requests would end a conversation: its total size and duration have no bound, and silence is
    /// normal. Slow and dead clients are the connection's own business (3008, 3012).
    /// </summary>
    private static void LiftLimits(IFeatureCollection features)
    {
        features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requestRate)
        {
            requestRate.MinDataRate = null;
        }

        if (features.Get<IHttpMinResponseDataRateFeature>() is { } responseRate)
        {
            responseRate.MinDataRate = null;
        }
    }

    private static async Task AnswerAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.SecWebSocketVersion = Version;
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                response.Headers.Upgrade = "websocket";
                response.Headers.Connection = "Upgrade";
            }
        }

        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, problem.Status == StatusCodes.Status426UpgradeRequired ? "Upgrade Required" : "Bad Request");
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("detail"u8, problem.Detail);
            json.WriteString("code"u8, "bad_request"u8);
            json.WriteEndObject();
        }

        response.ContentType = "application/problem+json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    private readonly record struct Problem(int Status, string Detail);
}
