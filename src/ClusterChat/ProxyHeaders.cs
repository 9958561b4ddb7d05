using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace ClusterChat.Host;

/// <summary>Puts the client's own address in place of the proxy's, where the proxy is one of ours.</summary>
internal static class ProxyHeaders
{
    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>What is wrong, each with the key below the section.</summary>
    public static IEnumerable<(string Key, string Problem)> Check(ProxyOptions options)
        => options.Networks
            .Select((text, i) => (Key: $"Networks:{i}", Text: text))
            .Where(n => !IPNetwork.TryParse(n.Text, out _))
            .Select(n => (n.Key, $"must be a network such as 10.0.0.0/8, is \"{n.Text}\""));

    /// <summary>The networks, once they are checked.</summary>
    public static IEnumerable<IPNetwork> Networks(ProxyOptions options) => options.Networks.Select(n => IPNetwork.Parse(n));

    /// <summary>Before everything that looks at where a request comes from.</summary>
    public static void Use(IApplicationBuilder app, ProxyOptions options, ILogger logger)
    {
        if (options.Networks.Count == 0)
        {
            WarnOnce(app, logger);
            return;
        }

        var headers = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,

            // As long as each hop is one of ours: the first other one is the client, whatever it has written before itself.
            ForwardLimit = null,
        };

        // The framework trusts this machine on its own.
        headers.KnownIPNetworks.Clear();
        headers.KnownProxies.Clear();
        foreach (var network in Networks(options))
        {
            headers.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(headers);
    }

    /// <summary>Behind a proxy that is not named, all clients have its address, and its share of the limits.</summary>
    private static void WarnOnce(IApplicationBuilder app, ILogger logger)
    {
        var said = 0;
        app.Use((context, next) =>
        {
            if (context.Request.Headers.ContainsKey(ForwardedFor) && Interlocked.Exchange(ref said, 1) == 0)
            {
                logger.ForwardedIgnored(context.Connection.RemoteIpAddress);
            }

            return next(context);
        });
    }
}
