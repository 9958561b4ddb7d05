using ClusterChat.Gateway.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClusterChat.Gateway.Http;

/// <summary>How the web server is set up.</summary>
public static class HttpServer
{
    /// <summary>
    /// What the server may hold of one connection of HTTP/2 that nobody reads: the least that the protocol has (RFC 9113, section 6.9.2), rounded up. Its
    /// default is a megabyte, for uploads, which there are none of here.
    /// </summary>
    private const int MostUnread = 64 * 1024;

    /// <summary>Sets its limits.</summary>
    public static void Configure(KestrelServerOptions server, GatewayOptions options)
    {
        server.AddServerHeader = false;
        server.Limits.RequestHeadersTimeout = options.InputTimeout;
        server.Limits.Http2.InitialConnectionWindowSize = MostUnread;
        server.Limits.Http2.InitialStreamWindowSize = MostUnread;

        // Else it keeps the headers of the last request for the next one: for as long as a client leaves its connection open, up to twice their 32 KB.
        server.DisableStringReuse = true;
    }
}
