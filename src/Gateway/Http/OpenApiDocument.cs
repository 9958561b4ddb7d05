using ClusterChat.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Gateway.Http;

/// <summary>
/// Serves <c>openapi.json</c>, which is written by hand: the endpoints read and write the protocol's own lines, of which a generator
/// would see nothing. A test compares it with the routes.
/// </summary>
internal static class OpenApiDocument
{
    private static readonly byte[] Bytes = Read();

    public static void Map(IEndpointRouteBuilder app) => app.MapRead("/api/openapi.json", static async (HttpContext context) =>
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = Bytes.Length;
        await context.Response.Body.WriteAsync(Bytes, context.RequestAborted);
    });

    private static byte[] Read()
    {
        using var resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
