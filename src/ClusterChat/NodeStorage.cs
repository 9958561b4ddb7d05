using System.Diagnostics.Metrics;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Host;

/// <summary>
/// Where a node keeps its rooms, the cluster's secret, the table of nodes and what operators keep: PostgreSQL where it is named, else SQLite files.
/// </summary>
internal sealed class NodeStorage : IAsyncDisposable
{
    // The server looks at each of the database's files.
    private static readonly TimeSpan DatabaseSizeInterval = TimeSpan.FromSeconds(10);

    private readonly Func<CancellationToken, Task> _start;
    private readonly Func<CancellationToken, Task> _startNodes;
    private readonly Func<CancellationToken, Task> _warmUp;
    private readonly Func<CancellationToken, Task> _startBlocks;
    private readonly Func<CancellationToken, Task> _startAudit = _ => Task.CompletedTask;
    private readonly IAsyncDisposable[] _closes;

    private NodeStorage(PostgresStorageOptions options, SpaceLimits space, bool audits, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters)
    {
        var journal = new PostgresJournal(options, clock, loggers.CreateLogger<PostgresJournal>(), meters);
        var nodes = new PostgresNodeTable(options, clock, loggers.CreateLogger<PostgresNodeTable>());
        (Journal, Deletion, Nodes, Secrets) = (journal, journal, nodes, new PostgresSecretStore(options, clock, loggers.CreateLogger<PostgresSecretStore>()));
        Space = new StorageSpace(space, journal.MeasureAsync, clock, loggers.CreateLogger<StorageSpace>(), meters);
        var blocks = new PostgresBlockStore(options, clock, loggers.CreateLogger<PostgresBlockStore>());
        (_start, _startNodes, _warmUp, _closes) = (journal.StartAsync, nodes.StartAsync, journal.WarmUpAsync, [blocks, nodes, Space, journal]);
        (Blocks, _startBlocks) = (blocks, blocks.StartAsync);
        if (audits)
        {
            var audit = new PostgresMessageAudit(options, clock, loggers.CreateLogger<PostgresMessageAudit>());
            (Audit, _startAudit, _closes) = (audit, audit.StartAsync, [audit, .. _closes]);
        }

        Place = $"PostgreSQL {options.Database}";
    }

    private NodeStorage(SqliteStorageOptions options, SpaceLimits space, bool audits, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters)
    {
        var journal = new SqliteJournal(options, clock, loggers.CreateLogger<SqliteJournal>(), meters);
        var nodes = new SqliteNodeTable(options, clock, loggers.CreateLogger<SqliteNodeTable>());
        (Journal, Deletion, Nodes, Secrets) = (journal, journal, nodes, new SqliteSecretStore(options));
        Space = new StorageSpace(
            space, token => journal.MeasureAsync(withSize: space.MaxSize is not null, token), clock, loggers.CreateLogger<StorageSpace>(), meters);
        var blocks = new SqliteBlockStore(options, clock, loggers.CreateLogger<SqliteBlockStore>());
        (_start, _startNodes, _warmUp, _closes) = (journal.StartAsync, nodes.StartAsync, _ => Task.CompletedTask, [blocks, nodes, Space, journal]);
        (Blocks, _startBlocks) = (blocks, blocks.StartAsync);
        if (audits)
        {
            var audit = new SqliteMessageAudit(options, clock, loggers.CreateLogger<SqliteMessageAudit>());
            (Audit, _startAudit, _closes) = (audit, audit.StartAsync, [audit, .. _closes]);
        }

        Place = options.Folder;
    }

    public IJournal Journal { get; }

    /// <summary>Whether it has space for messages.</summary>
    public StorageSpace Space { get; }

    public IRoomDeletion Deletion { get; }

    public IClusterSecretStore Secrets { get; }

    public IBlockStore Blocks { get; }

    /// <summary>Null where it is not kept who sent what from where.</summary>
    public IMessageAudit? Audit { get; }

    /// <summary>Unavailable before <see cref="StartNodesAsync"/>.</summary>
    public INodeTable Nodes { get; }

    /// <summary>For the log; without user and password.</summary>
    public string Place { get; }

    public static NodeStorage Create(NodeOptions options, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters)
        => options.ConnectionString is { } connectionString
            ? new NodeStorage(
                Database(options, connectionString),
                new SpaceLimits { MaxSize = options.Journal.MaxBytes, Interval = DatabaseSizeInterval },
                options.Audit.Enabled,
                clock,
                loggers,
                meters)
            : new NodeStorage(
                new SqliteStorageOptions { Folder = Path.GetFullPath(options.Data), Trimming = options.Journal.Trimming },
                new SpaceLimits { MinFree = options.Journal.MinFreeBytes, MaxSize = options.Journal.MaxBytes },
                options.Audit.Enabled,
                clock,
                loggers,
                meters);

    /// <summary>Opens the storage of the rooms, and what operators keep, and brings its schema up to date.</summary>
    /// <exception cref="StorageStartException">The storage cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _start(cancellationToken);
        await _startBlocks(cancellationToken);
        await _startAudit(cancellationToken);
        await Space.StartAsync(cancellationToken);
    }

    /// <summary>Before rooms come that are in use already: they are not to wait for connections to the storage.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => _warmUp(cancellationToken);

    /// <summary>Opens the table of nodes, and brings its schema up to date. Call it once.</summary>
    /// <exception cref="StorageStartException">The storage cannot be used; the message says why.</exception>
    public Task StartNodesAsync(CancellationToken cancellationToken) => _startNodes(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _closes)
        {
            await part.DisposeAsync();
        }
    }

    private static PostgresStorageOptions Database(NodeOptions options, string connectionString)
    {
        var (journal, passwordFile) = (options.Journal, options.PostgresPasswordFile);
        return new()
        {
            ConnectionString = connectionString,
            Password = passwordFile is null ? null : token => SecretFiles.ReadPasswordAsync(passwordFile, token),
            TrustFailover = journal.TrustFailover,
            Trimming = journal.Trimming,
        };
    }
}
