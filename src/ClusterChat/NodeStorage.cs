using System.Diagnostics.Metrics;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Host;

/// <summary>Where a node keeps its rooms and the cluster's secret: PostgreSQL where it is named, else SQLite files.</summary>
internal sealed class NodeStorage : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task> _start;
    private readonly IAsyncDisposable _closes;
    private Func<CancellationToken, Task<long>> _lastView = _ => Task.FromResult(0L);

    private NodeStorage(IJournal journal, IClusterSecretStore secrets, string place, Func<CancellationToken, Task> start, IAsyncDisposable closes)
    {
        Journal = journal;
        Secrets = secrets;
        Place = place;
        _start = start;
        _closes = closes;
    }

    public IJournal Journal { get; }

    public IClusterSecretStore Secrets { get; }

    /// <summary>For the log; without user and password.</summary>
    public string Place { get; }

    public static NodeStorage Create(NodeOptions options, TimeProvider clock, ILoggerFactory loggers, IMeterFactory meters)
    {
        if (options.Postgres is { } connectionString)
        {
            var settings = new PostgresStorageOptions
            {
                ConnectionString = connectionString,
                TrustFailover = options.Journal.TrustFailover,
                Trimming = options.Journal.Trims
                    ? new JournalTrimming { KeepFor = options.Journal.KeepFor, KeepEvents = options.Journal.KeepEvents }
                    : null,
            };
            var postgres = new PostgresJournal(settings, clock, loggers.CreateLogger<PostgresJournal>(), meters);
            return new NodeStorage(
                postgres, new PostgresSecretStore(settings, clock), $"PostgreSQL {settings.Database}", postgres.StartAsync, postgres);
        }

        var files = Files(options);
        var sqlite = new SqliteJournal(files, clock, loggers.CreateLogger<SqliteJournal>(), meters);
        return new NodeStorage(sqlite, new SqliteSecretStore(files), files.Folder, sqlite.StartAsync, sqlite) { _lastView = token => LastViewAsync(files, clock, token) };
    }

    /// <summary>Opens the storage, and brings its schema up to date.</summary>
    /// <exception cref="StorageStartException">The storage cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _start(cancellationToken);

    /// <summary>The number of the last view of a cluster that used this storage; 0 where none did.</summary>
    public Task<long> LastViewAsync(CancellationToken cancellationToken) => _lastView(cancellationToken);

    /// <summary>The SQLite files of a node.</summary>
    public static SqliteStorageOptions Files(NodeOptions options) => new() { Folder = Path.GetFullPath(options.Data) };

    private static async Task<long> LastViewAsync(SqliteStorageOptions files, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var nodes = new SqliteMembershipStore(files, clock);
        await nodes.StartAsync(cancellationToken);
        try
        {
            return (await nodes.ReadAsync(cancellationToken)).View;
        }
        catch (MembershipUnavailableException error)
        {
            throw new StorageStartException($"Cannot read the table of nodes in {files.Folder}: {error.Message}.", error);
        }
    }

    public ValueTask DisposeAsync() => _closes.DisposeAsync();
}
