using System.Net;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The links' settings. The limits of queues are per peer.</summary>
public sealed record LinkOptions
{
    /// <summary>Nodes of another cluster are turned away.</summary>
    public string ClusterName { get; init; } = "clusterchat";

    /// <summary>Where to listen. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// How long a dial may take. 2 s: a first SYN that is lost is repeated after 1 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the preamble may take, on either side.</summary>
    public TimeSpan PreambleTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a peer may take nothing of what is written to it before the connection is given up: not the whole
    /// write, but each 64 KiB of it. 10 s: longer than the failure detection takes, so that it decides first.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause before the second dial; each further one is twice as long, with a jitter of a half.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between dials. 1 s: clusters are small, and a dial costs little.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long <see cref="TcpNodeLinks.StopAsync"/> goes on writing what waits.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest frame. 16 MiB: a node with 100,000 members in one room still subscribes in one message.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>About how much goes into one frame and one write under load.</summary>
    public int BatchBytes { get; init; } = 128 * 1024;

    /// <summary>Requests that may wait. Over it <see cref="INodeLinks.Send"/> returns false.</summary>
    public long RequestBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>What rooms say may wait up to this before broadcasts are dropped.</summary>
    public long BroadcastBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>What rooms say may wait up to this before answers are dropped as well.</summary>
    public long AnswerBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Rooms' states that may wait; over it <see cref="INodeLinks.Send"/> returns false. 2 MiB: what else goes to the peer waits
    /// behind them, for some 16 ms on a gigabit network.
    /// </summary>
    public long HandoverBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Connections that are accepted and have not proved themselves; more are closed at once.</summary>
    public int MaxUnproved { get; init; } = 128;

    /// <summary>What every new connection goes through before the preamble, such as TLS; null for nothing.</summary>
    public LinkStreamUpgrade? Upgrade { get; init; }
}

/// <summary>Wraps a connection's stream. It must not read ahead of what belongs to it.</summary>
/// <param name="stream">The connection.</param>
/// <param name="server">True on the side that accepted.</param>
/// <param name="cancellationToken">Cancelled when the preamble takes too long.</param>
/// <returns>What to read and write from here on; the links dispose of it.</returns>
public delegate ValueTask<Stream> LinkStreamUpgrade(Stream stream, bool server, CancellationToken cancellationToken);
