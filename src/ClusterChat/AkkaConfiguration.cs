using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Cluster.Tls;
using ClusterChat.Messages;

namespace ClusterChat.Host;

/// <summary>Puts the node's one actor system together, feature by feature.</summary>
internal static class AkkaConfiguration
{
    /// <summary>All of it.</summary>
    public static void Configure(AkkaConfigurationBuilder akka, NodeSetup node, ILoggerFactory loggers) => akka
        .WithLog(loggers)
        .WithActorsOfOurOwn()
        .WithDatabaseAsArbiter(node)
        .WithLinks(node, loggers)
        .WithDrain(node.Options);

    /// <summary>Akka's log goes where all goes; see <see cref="AkkaLogger"/>.</summary>
    private static AkkaConfigurationBuilder WithLog(this AkkaConfigurationBuilder akka, ILoggerFactory loggers) => akka
        .AddSetup(new AkkaLogSetup(loggers))
        .AddHocon($$"""akka { stdout-loglevel = OFF, loglevel = WARNING, loggers = ["{{typeof(AkkaLogger).AssemblyQualifiedName}}"] }""", HoconAddMode.Prepend);

    /// <summary>Dispatcher, mailboxes, and the messages between nodes.</summary>
    private static AkkaConfigurationBuilder WithActorsOfOurOwn(this AkkaConfigurationBuilder akka) => akka
        .AddHocon(ActorsConf.Load(), HoconAddMode.Prepend)
        .AddHocon(ChatMessageSerializer.Registration, HoconAddMode.Prepend);

    /// <summary>A cluster that the table of nodes forms, and from which it evicts.</summary>
    private static AkkaConfigurationBuilder WithDatabaseAsArbiter(this AkkaConfigurationBuilder akka, NodeSetup node) => akka
        .AddHocon(AkkaConf.Load(), HoconAddMode.Prepend)
        .AddSetup(node.Arbiter)

        // Not the typed option, which takes no name with a colon.
        .AddHocon($"akka.cluster.roles = {JsonSerializer.Serialize(ClusterNodes.RolesOf(node.Options.Name, node.Roles))}", HoconAddMode.Prepend)
        .WithClustering();

    /// <summary>Mutual TLS between nodes. A node that is alone listens on loopback, at a port that nobody knows.</summary>
    private static AkkaConfigurationBuilder WithLinks(this AkkaConfigurationBuilder akka, NodeSetup node, ILoggerFactory loggers)
    {
        var options = node.Options;
        var links = new RemoteLinkOptions
        {
            HandshakeTimeout = options.Links.HandshakeTimeout,
            MaxUnproved = options.Links.MaxUnproved,
            MaxUnprovedPerAddress = options.Links.MaxUnprovedPerAddress,
        };
        if (options.Cluster is { } cluster)
        {
            links = links with { Listen = ClusterOptionRules.ListenAddress(cluster)! };
        }

        if (options.Advertise is { } advertise)
        {
            var colon = advertise.LastIndexOf(':');
            links = links with { PublicHost = advertise[..colon], PublicPort = int.Parse(advertise.AsSpan(colon + 1), CultureInfo.InvariantCulture) };
        }

        return akka.WithRemoteLinks(links, node.Tls, node.Clock, loggers, node.Diagnostics.Meters);
    }

    /// <summary>How long the phases of an orderly stop may take: <see cref="NodeShutdown"/>.</summary>
    private static AkkaConfigurationBuilder WithDrain(this AkkaConfigurationBuilder akka, NodeOptions options) => akka.AddHocon(
        string.Create(CultureInfo.InvariantCulture, $$"""
        akka.coordinated-shutdown {
          # The host takes the signals, and ends the process.
          run-by-clr-shutdown-hook = off
          exit-clr = off

          # The drain keeps to its grace period by itself.
          phases.service-requests-done.timeout = {{(long)(options.Limits.DrainGrace + TimeSpan.FromSeconds(5)).TotalMilliseconds}}ms
        }
        """), HoconAddMode.Prepend);
}
