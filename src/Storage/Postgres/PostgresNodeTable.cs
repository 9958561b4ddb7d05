using ClusterChat.Cluster.Arbiter;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// The table of nodes in the journal's database, for nodes on any number of machines.
/// </summary>
/// <remarks>
/// It has connections of its own, so that no rush of the journal makes a decision about nodes wait. Each call is one round trip, and
/// ends within 1.8 s: what has no answer by then is left behind, and its outcome is unknown, which the port allows.
/// </remarks>
public sealed class PostgresNodeTable : INodeTable, IAsyncDisposable
{
    /// <summary>
    /// How long a call takes at most. A node asks each second, and one that was evicted should learn of it within a few: a session that
    /// hangs is left behind early, as the next one may do.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.8);

    /// <summary>The server gives up before, and says why.</summary>
    private static readonly TimeSpan StatementLimit = TimeSpan.FromSeconds(1.5);

    private readonly PostgresStorageOptions _options;
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile bool _started;
    private volatile bool _closed;

    /// <summary>Makes a table that answers as unavailable until it was started.</summary>
    /// <param name="options">Which database, and the limits; a call takes 1.8 s at most, however much they allow.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgresNodeTable(PostgresStorageOptions options, TimeProvider time, ILogger<PostgresNodeTable>? logger = null)
    {
        options.Validate();

        // A node asks one thing at a time, rarely two; a further connection serves it while the server still clears away a first.
        _options = options with
        {
            LockTimeout = NodeTableRules.Shorter(options.LockTimeout, NodeTableRules.LockWait),
            StatementTimeout = NodeTableRules.Shorter(options.StatementTimeout, StatementLimit),
            OperationTimeout = NodeTableRules.Shorter(options.OperationTimeout, Patience),
            AppendConnections = 2,
            OpenConnections = 0,
            ReadConnections = 0,
        };
        _source = PostgresDatabase.Create(_options, "nodes");
        _time = time;
        _logger = logger ?? NullLogger<PostgresNodeTable>.Instance;
    }

    /// <summary>Waits for the database, and brings its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PostgresSchema.PrepareAsync(_source, _options, _time, _logger, cancellationToken);
        _started = true;
    }

    /// <inheritdoc />
    public ValueTask<NodeList> ReadAsync(CancellationToken cancellationToken) => RunAsync(ReadAsync, cancellationToken);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A text of the change has a NUL or a lone surrogate.</exception>
    public ValueTask<bool> TryChangeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        NodeTableRules.ThrowUnlessText(change);
        return RunAsync((connection, token) => TryChangeAsync(connection, change, token), cancellationToken);
    }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _source.DisposeAsync();
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private async Task<NodeList> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // No time-out of the driver's own: see Abandon.
        await using var command = new NpgsqlCommand(NodeTableStatements.Read, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long? view = null;
        var rows = new List<NodeRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            // A standby may lag: a node that it has not heard of yet would be taken for one that was evicted.
            if (reader.GetBoolean(0))
            {
                _source.Clear();
                throw new NodeTableUnavailableException("the server is a standby");
            }

            view = reader.GetInt64(1);
            if (reader.GetBoolean(2))
            {
                rows.Add(new NodeRow(
                    new NodeKey(reader.GetString(3), reader.GetInt32(4)),
                    reader.GetString(5),
                    reader.GetString(6),
                    (NodeState)reader.GetInt32(7),
                    reader.GetInt64(8)));
            }
        }

        return NodeTableRules.List(view ?? throw new NodeTableUnavailableException(NodeTableRules.LostView), rows);
    }

    private static async Task<bool> TryChangeAsync(NpgsqlConnection connection, NodeChange change, CancellationToken cancellationToken)
    {
        // Without a transaction of its own a batch is one: a statement that fails undoes those before it.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        var watch = new CommitWatch(connection);
        var raise = Add(NodeTableStatements.RaiseView, Value(change.ExpectedView));
        if (change.Remove.Count > 0)
        {
            Add(
                NodeTableStatements.Remove,
                Value(change.Remove.Select(key => key.Address).ToArray()),
                Value(change.Remove.Select(key => key.Uid).ToArray()));
        }

        if (change.Put is { } row)
        {
            Add(
                NodeTableStatements.Put,
                Value(row.Key.Address),
                Value(row.Key.Uid),
                Value(row.Name),
                Value(row.Roles),
                Value((int)row.State),
                Value(row.Since));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (watch.Doubt is { } doubt)
            throw new NodeTableUnavailableException(doubt);
        return raise.RecordsAffected == 1;

        NpgsqlBatchCommand Add(string sql, params NpgsqlParameter[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(values);
            batch.BatchCommands.Add(command);
            return command;
        }
    }

    /// <summary>
    /// Breaks off what is left behind. To do so, the driver first asks the server to, on a connection of its own, and waits for it on the
    /// thread that cancels (also when a time-out of its own strikes), which takes seconds where the server hangs: so not on the
    /// thread pool.
    /// </summary>
    private static void Abandon(Task run, CancellationTokenSource abandoned)
    {
        // Its outcome interests nobody any more.
        _ = run.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        new Thread(Cancel) { IsBackground = true, Name = "node table: cancel" }.Start();

        void Cancel()
        {
            try
            {
                abandoned.Cancel();
            }
            catch (AggregateException)
            {
                // The server could not be asked; the session is broken off all the same.
            }
        }
    }

    private async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        if (!_started)
            throw new NodeTableUnavailableException("the table of nodes has not been opened");
        cancellationToken.ThrowIfCancellationRequested();

        // Not disposed of: what is left behind may still look at it. Not linked to the caller's, who would wait for the server then.
        var abandoned = new CancellationTokenSource();
        var run = ExecuteAsync(use, abandoned.Token);
        try
        {
            return await run.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (!run.IsCompleted && e is TimeoutException or OperationCanceledException)
        {
            Abandon(run, abandoned);
            cancellationToken.ThrowIfCancellationRequested();
            throw new NodeTableUnavailableException($"the table of nodes did not answer within {_options.OperationTimeout.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException || (_closed && e is ObjectDisposedException or InvalidOperationException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            PostgresDatabase.ForgetHosts(_source);
            if (PostgresFaults.IsOutdatedSession(e))
                _source.Clear();
            var reason = _closed ? "the table of nodes is closed" : PostgresFaults.Describe(e);
            throw new NodeTableUnavailableException(reason, e);
        }
    }

    private async Task<T> ExecuteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        return await use(connection, cancellationToken);
    }
}
