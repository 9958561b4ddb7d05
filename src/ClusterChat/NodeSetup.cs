using System.Security.Cryptography;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Cluster.Tls;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Host;

/// <summary>What a node is put together from: all that has to be there before its actor system.</summary>
internal sealed class NodeSetup : IDisposable
{
    private NodeSetup(
        NodeOptions options, NodeStorage storage, byte[] secret, ClusterTls tls, WatchedNodeTable table, ArbiterSetup arbiter, TimeProvider clock, NodeDiagnostics diagnostics)
        => (Options, Storage, Secret, Tls, Table, Arbiter, Clock, Diagnostics) = (options, storage, secret, tls, table, arbiter, clock, diagnostics);

    public NodeOptions Options { get; }

    public NodeStorage Storage { get; }

    /// <summary>32 bytes that all nodes of the cluster have in common.</summary>
    public byte[] Secret { get; }

    /// <summary>Who is taken for another node.</summary>
    public ClusterTls Tls { get; }

    /// <summary>The table of nodes, as all use it.</summary>
    public WatchedNodeTable Table { get; }

    /// <summary>Formation and downing.</summary>
    public ArbiterSetup Arbiter { get; }

    public TimeProvider Clock { get; }

    public NodeDiagnostics Diagnostics { get; }

    /// <summary>What clients do not take of the web server's answers; null where there is none.</summary>
    public ClientOutput? Output { get; set; }

    public NodeRoles Roles => ClusterOptionRules.Roles(Options.Roles)!.Value;

    /// <param name="options">The node's options.</param>
    /// <param name="storage">Its storage, started.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">The log.</param>
    /// <param name="diagnostics">Where it shows what it does.</param>
    /// <param name="cancellationToken">Gives up waiting for the storage.</param>
    public static async Task<NodeSetup> CreateAsync(
        NodeOptions options, NodeStorage storage, TimeProvider clock, ILoggerFactory loggers, NodeDiagnostics diagnostics, CancellationToken cancellationToken)
    {
        var secret = options.ClusterSecret ?? await storage.Secrets.GetOrCreateAsync(RandomNumberGenerator.GetBytes(32), cancellationToken);
        await storage.StartNodesAsync(cancellationToken);
        var tls = options.Links.Tls.Files is { } files
            ? ClusterTls.FromFiles(files, clock, loggers.CreateLogger<ClusterTls>())
            : ClusterTls.FromSecrets(options.Name, clock, secret, [.. options.AcceptedSecrets]);
        var limits = new ArbiterOptions();
        var table = new WatchedNodeTable(storage.Nodes, clock);
        var arbiter = new ArbiterSetup(
            table, options.Name, options.Roles, new TcpNodeProbe(clock, limits.DialTimeout), notice => NodeEnd.Now(loggers, notice), limits)
        {
            Clock = clock,
            Loggers = loggers,
            Meters = diagnostics.Meters,
            IsLone = options.Cluster is null,
        };
        return new NodeSetup(options, storage, secret, tls, table, arbiter, clock, diagnostics);
    }

    public void Dispose() => Tls.Dispose();
}
