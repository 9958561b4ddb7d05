using System.Net;

namespace ClusterChat.Cluster.Tls;

/// <summary>The settings of the links between nodes.</summary>
public sealed record RemoteLinkOptions
{
    /// <summary>Where to listen. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The name or address at which others reach this node; null for the one of <see cref="Listen"/>, which then has to be a certain one.</summary>
    public string? PublicHost { get; init; }

    /// <summary>The port at which others reach this node; null for the one that it listens on.</summary>
    public int? PublicPort { get; init; }

    /// <summary>
    /// The longest message, as Akka sends it. 2 MiB: the largest is the state of a room in memory that moves, of up to 1 MiB;
    /// pages have up to 256 KiB. A longer one is dropped with a line in the log and the connection stays.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// Beyond so much that waits for a peer Akka is told to keep what follows and to try again in some milliseconds. 4 MiB: two of the
    /// largest messages, and some 30 ms of a gigabit network.
    /// </summary>
    public long MaxWaitingBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How long the connection of a dial may take. 1 s: Akka dials again soon, and a first SYN that is lost is repeated after 1 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the handshake may take after that, on either side. 2 s: it is some milliseconds, or much of a second in a process
    /// that starts on a busy machine.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a connection that ends goes on writing what waits. 2 s, as long as Akka waits when it stops
    /// (<c>akka.remote.flush-wait-on-shutdown</c>).
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Connections that were accepted and have not proved themselves; with the next one the oldest goes of the address that has most. 128: as many nodes that
    /// start at the same moment, and some MB for those within a handshake.
    /// </summary>
    public int MaxUnproved { get; init; } = 128;

    /// <summary>
    /// The same of one address (of IPv6: one /64); with the next one its oldest goes. Half of <see cref="MaxUnproved"/>:
    /// the nodes of a machine, or behind a NAT, that start at the same moment.
    /// </summary>
    public int MaxUnprovedPerAddress { get; init; } = 64;
}
