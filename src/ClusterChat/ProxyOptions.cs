namespace ClusterChat.Host;

/// <summary>What stands between clients and this node. Section <c>Proxy</c>.</summary>
internal sealed class ProxyOptions
{
    /// <summary>
    /// The networks of the proxies, such as <c>10.0.0.0/8</c>. What they say of a client in <c>X-Forwarded-For</c>, <c>-Proto</c> and
    /// <c>-Host</c> is believed, and nobody else. Empty: nobody.
    /// </summary>
    public IList<string> Networks { get; } = [];
}
