using ClusterChat.Gateway.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace ClusterChat.Gateway.Http;

/// <summary>Serves the web app and the client library, which stand beside the assembly.</summary>
internal static class WebApp
{
    // Scripts and styles of our own only, nothing inline, nothing from elsewhere. 'self' is the origin as the
    // browser sees it, behind whatever proxy, and covers ws: and wss: to it (CSP level 3).
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <param name="app">The application.</param>
    /// <param name="serves">Whether a request gets files at all.</param>
    public static void Use(IApplicationBuilder app, Func<HttpContext, bool> serves)
    {
        var files = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseWhen(context => !WebSocketHandshake.IsRequest(context) && serves(context), branch =>
        {
            branch.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
            branch.UseStaticFiles(new StaticFileOptions
            {
                FileProvider = files,
                ContentTypeProvider = new FileExtensionContentTypeProvider { Mappings = { [".ts"] = "text/plain; charset=utf-8" } },
                OnPrepareResponse = static served => Protect(served.Context.Response),
            });
        });
    }

    private static void Protect(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";

        // Revalidated by its ETag each time: a new version shows at once, an unchanged file costs a 304.
        headers.CacheControl = "no-cache";
    }
}
