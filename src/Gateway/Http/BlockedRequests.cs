using System.Net;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>Refuses requests from addresses that are kept out: files, the API, streams. WebSockets are told by their own endpoint.</summary>
internal static class BlockedRequests
{
    /// <summary>Behind routing and CORS, so that it is known for whom an endpoint is, and pages of other origins may read why.</summary>
    public static void Use(IApplicationBuilder app, KeptOut keptOut) => app.Use((context, next) =>
        IsForClients(context) && keptOut.Refuse(context.Connection.RemoteIpAddress) is { } error ? Problems.WriteAsync(context, error) : next(context));

    private static bool IsForClients(HttpContext context)
        => !WebSocketHandshake.IsRequest(context) && (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<ForClients>() is not null);
}
