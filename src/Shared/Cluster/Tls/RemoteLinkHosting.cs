using System.Diagnostics.Metrics;
using System.Net;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>Gives Akka.Remote the links of this cluster.</summary>
public static class RemoteLinkHosting
{
    /// <summary>
    /// Nodes reach each other over mutual TLS only, and nothing comes in by the name of a type. In place of <c>WithRemoting</c>;
    /// <c>WithClustering</c> goes beside it. Call it once.
    /// </summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="options">The settings.</param>
    /// <param name="tls">Who is taken; the caller disposes of it when the actor system has ended.</param>
    /// <param name="clock">The time.</param>
    /// <param name="loggers">For what the links say, event ids 1400-1449.</param>
    /// <param name="meters">Where they show who comes; null for nowhere.</param>
    /// <exception cref="ArgumentException">Others cannot know where this node is.</exception>
    public static AkkaConfigurationBuilder WithRemoteLinks(
        this AkkaConfigurationBuilder builder, RemoteLinkOptions options, ClusterTls tls, TimeProvider clock, ILoggerFactory loggers,
        IMeterFactory? meters = null)
    {
        if (options.PublicHost is null && (options.Listen.Address.Equals(IPAddress.Any) || options.Listen.Address.Equals(IPAddress.IPv6Any)))
            throw new ArgumentException($"A node that listens on {options.Listen} needs a {nameof(options.PublicHost)} at which others reach it.", nameof(options));
        var setup = new RemoteLinkSetup(options, tls, clock, loggers.CreateLogger(typeof(RemoteLinkHosting).Namespace!), meters);
        builder.AddSetup(setup).AddHocon(Hocon(options), HoconAddMode.Prepend).WithClosedSerialization(setup);
        return builder.ActorRefProvider.HasValue ? builder : builder.WithActorRefProvider(ProviderSelection.Remote.Instance);
    }

    private static string Hocon(RemoteLinkOptions options) => $$"""
        # Serializers take the place of Akka's on purpose; see ClosedSerialization.
        akka.log-serializer-override-on-start = off

        akka.remote {
          enabled-transports = ["akka.remote.clusterchat-links"]
          clusterchat-links {
            transport-class = "{{typeof(TlsTransport).FullName}}, {{typeof(TlsTransport).Assembly.GetName().Name}}"
            applied-adapters = []
          }

          # The transport's own limits come first, so that the log says which one it was. The second is for Akka's own greeting.
          handshake-timeout = {{(long)(options.ConnectTimeout + options.HandshakeTimeout + TimeSpan.FromSeconds(1)).TotalMilliseconds}}ms
        }
        """;
}
