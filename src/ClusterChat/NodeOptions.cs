using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.Gateway.Identity;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.Host;

/// <summary>All options of a node: section <c>ClusterChat</c> of the configuration.</summary>
internal sealed class NodeOptions
{
    public const string Section = "ClusterChat";

    private static readonly string HostName = Environment.MachineName.ToLowerInvariant();

    /// <summary>The node's name; null for that of the host.</summary>
    [AllowNull]
    public string Name { get; set => field = value ?? HostName; } = HostName;

    /// <summary>The folder of the database files.</summary>
    public string Data { get; set; } = "data";

    /// <summary>
    /// The connection string of the PostgreSQL database that keeps rooms, secret and table of nodes; null for SQLite files in
    /// <see cref="Data"/>. It may hold a password: never log it.
    /// </summary>
    [PasswordPropertyText(true)]
    public string? Postgres { get; set; }

    /// <summary>A file that holds the connection string, instead of <see cref="Postgres"/>.</summary>
    public string? PostgresFile { get; set; }

    /// <summary>A file that holds the password, and nothing else. It is read again for each new connection.</summary>
    public string? PostgresPasswordFile { get; set; }

    /// <summary>
    /// A file that holds the cluster's secret, at least 32 bytes of which others know nothing, the same for all nodes; null for the
    /// one that the first node makes and keeps in the storage.
    /// </summary>
    public string? SecretFile { get; set; }

    /// <summary>Files of other secrets by which nodes are let in too: while <see cref="SecretFile"/> is changed from node to node.</summary>
    public IList<string> AcceptedSecretFiles { get; } = [];

    /// <summary>The address of the port for other nodes, host:port; null for a node that is alone: it has one on loopback, where no other node is let in.</summary>
    public string? Cluster { get; set; }

    /// <summary>Where other nodes reach the cluster port, host:port; null for <see cref="Cluster"/>.</summary>
    public string? Advertise { get; set; }

    /// <summary>How long a node that stands in the table of nodes tries to be let in, before it ends. A database that is away does not count.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The name of the cluster: nodes of different ones do not talk with each other.</summary>
    public string ClusterName { get; set; } = "clusterchat";

    /// <summary>What the node does: <c>gateway</c>, <c>rooms</c> or both, separated by a comma.</summary>
    public string Roles { get; set; } = "gateway,rooms";

    /// <summary>
    /// Where health, metrics, <c>/cluster</c> and admin calls are answered, such as <c>http://0.0.0.0:9090</c>; then nowhere else.
    /// Null: beside the clients' endpoints, metrics and <c>/cluster</c> to this machine and with an admin key only.
    /// </summary>
    public string? Management { get; set; }

    /// <summary>
    /// Whether the node stops, as with SIGTERM, when its standard input ends. For who starts nodes as children, with a pipe: it
    /// cannot die without them.
    /// </summary>
    public bool EndWithInput { get; set; }

    /// <summary>The links between nodes.</summary>
    public LinksOptions Links { get; } = new();

    /// <summary>The proxies in front of it.</summary>
    public ProxyOptions Proxy { get; } = new();

    /// <summary>Who may operate the cluster.</summary>
    public AdminOptions Admin { get; } = new();

    /// <summary>The list of those that operators keep out.</summary>
    public BlockOptions Blocks { get; } = new();

    /// <summary>Whether it is kept who sent which message from where.</summary>
    public AuditOptions Audit { get; } = new();

    /// <summary>Who is let in.</summary>
    public AuthOptions Auth { get; } = new();

    /// <summary>The origins that browsers may connect from; empty for any.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>What is to become of rooms' logs.</summary>
    public JournalOptions Journal { get; } = new();

    /// <summary>How much is written to the log.</summary>
    public LogOptions Log { get; } = new();

    /// <summary>What is sent to a collector of OpenTelemetry.</summary>
    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>The limits of the gateway.</summary>
    public GatewayOptions Limits { get; } = new();

    /// <summary>The limits of rooms.</summary>
    public RoomOptions Rooms { get; } = new();

    /// <summary>The connection string, wherever it stood. It may hold a password.</summary>
    internal string? ConnectionString { get; set; }

    /// <summary>What <see cref="AcceptedSecretFiles"/> come to.</summary>
    internal IList<byte[]> AcceptedSecrets { get; } = [];

    /// <summary>What <see cref="SecretFile"/> comes to.</summary>
    internal byte[]? ClusterSecret { get; set; }
}
