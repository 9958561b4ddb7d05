using System.Diagnostics.Metrics;
using Akka.Actor.Setup;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>What <see cref="TlsTransport"/>, which Akka makes by its name, is to know.</summary>
internal sealed class RemoteLinkSetup(RemoteLinkOptions options, ClusterTls tls, TimeProvider clock, ILogger logger, IMeterFactory? meters = null) : Setup
{
    public RemoteLinkOptions Options => options;

    public ClusterTls Tls => tls;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    /// <summary>Null: nothing is shown.</summary>
    public IMeterFactory? Meters => meters;

    /// <summary>Of both sides, so that the same reason is logged sparingly over all connections.</summary>
    public SparingLog Sparing { get; } = new(clock);
}
