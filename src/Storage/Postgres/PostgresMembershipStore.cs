using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// The table of nodes in the journal's database, for nodes on any number of machines.
/// </summary>
/// <remarks>
/// It has connections of its own, so that no rush of the journal makes a heartbeat wait. Each call is one round trip, and
/// ends within <see cref="Patience"/>: what has no answer by then is left behind, and its outcome is unknown, which the port
/// allows.
/// </remarks>
public sealed class PostgresMembershipStore : IMembershipStore, IAsyncDisposable
{
    /// <summary>
    /// How long a call takes at most. Below the membership's own time-out of 2 s, so that this reason is the one that is
    /// reported.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.8);

    /// <summary>The server gives up before, and says why. Transactions here hold locks for one round trip.</summary>
    private static readonly TimeSpan StatementLimit = TimeSpan.FromSeconds(1.5), LockLimit = TimeSpan.FromSeconds(1);

    private readonly PostgresStorageOptions _options;
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile bool _started;
    private volatile bool _closed;

    /// <summary>Makes a store that answers as unavailable until it was started.</summary>
    /// <param name="options">Which database, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgresMembershipStore(PostgresStorageOptions options, TimeProvider time, ILogger<PostgresMembershipStore>? logger = null)
    {
        options.Validate();

        // The node asks one thing at a time; a second connection serves it while the server still clears away a first.
        _options = options with
        {
            LockTimeout = Shorter(options.LockTimeout, LockLimit),
            StatementTimeout = Shorter(options.StatementTimeout, StatementLimit),
            OperationTimeout = Shorter(options.OperationTimeout, Patience),
            AppendConnections = 1,
            OpenConnections = 0,
            ReadConnections = 0,
        };
        _source = PostgresDatabase.Create(_options);
        _time = time;
        _logger = logger ?? NullLogger<PostgresMembershipStore>.Instance;
    }

    /// <summary>Waits for the database, and brings its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PostgresSchema.PrepareAsync(_source, _options, _time, _logger, cancellationToken);
        _started = true;
    }

    /// <inheritdoc />
    public ValueTask<MembershipTable> HeartbeatAsync(string node, long heartbeat, CancellationToken cancellationToken) =>
        RunAsync((connection, token) => TableAsync(Command(connection, MembershipStatements.Heartbeat, Value(node), Value(heartbeat)), token), cancellationToken);

    /// <inheritdoc />
    public ValueTask<MembershipTable> ReadAsync(CancellationToken cancellationToken) =>
        RunAsync((connection, token) => TableAsync(Command(connection, MembershipStatements.Read), token), cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> TryChangeAsync(MembershipChange change, CancellationToken cancellationToken) =>
        RunAsync((connection, token) => TryChangeAsync(connection, change, token), cancellationToken);

    /// <inheritdoc />
    public async ValueTask VoteAsync(MembershipVote vote, bool holds, CancellationToken cancellationToken) =>
        await RunAsync(
            async (connection, token) =>
            {
                var sql = holds ? MembershipStatements.Vote : MembershipStatements.Retract;
                await using var command = Command(connection, sql, Value(vote.Suspect), Value(vote.Voter));
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _source.DisposeAsync();
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        return command;
    }

    private static async Task<MembershipTable> TableAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var asked = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long? view = null;
        var nodes = new List<MemberNode>();
        var votes = new List<MembershipVote>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (a, b) = (reader.GetString(1), reader.GetString(2));
            switch (reader.GetInt64(0))
            {
                case MembershipStatements.ViewRow:
                    view = reader.GetInt64(3);
                    break;
                case MembershipStatements.NodeRow:
                    nodes.Add(new MemberNode(new ClusterNode(a, b, (NodeRoles)reader.GetInt64(3), reader.GetString(4)), reader.GetInt64(5)));
                    break;
                case MembershipStatements.VoteRow:
                    votes.Add(new MembershipVote(a, b));
                    break;
            }
        }

        // To the very end: a failure of the commit itself comes after the last row.
        await reader.NextResultAsync(cancellationToken);

        // Not by the server: it compares UTF-8 bytes, the port's order is that of UTF-16.
        nodes.Sort(static (x, y) => string.CompareOrdinal(x.Node.Name, y.Node.Name));
        return new MembershipTable(view ?? throw new MembershipUnavailableException("the table of nodes has lost its view's number"), nodes, votes);
    }

    private static async Task<bool> TryChangeAsync(NpgsqlConnection connection, MembershipChange change, CancellationToken cancellationToken)
    {
        // Without a transaction of its own a batch is one: a statement that fails undoes those before it.
        await using var batch = new NpgsqlBatch(connection);
        var raise = Add(MembershipStatements.RaiseView, Value(change.ExpectedView));
        if (change.Remove.Count > 0)
            Add(MembershipStatements.Remove, Value(change.Remove.ToArray()));
        if (change.Add is { } node)
            Add(MembershipStatements.Add, Value(node.Name), Value(node.Incarnation), Value((int)node.Roles), Value(node.Address));
        Add(MembershipStatements.DropVotes);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return raise.RecordsAffected == 1;

        NpgsqlBatchCommand Add(string sql, params NpgsqlParameter[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(values);
            batch.BatchCommands.Add(command);
            return command;
        }
    }

    private async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        if (!_started)
            throw new MembershipUnavailableException("the table of nodes has not been opened");

        // Not disposed of: what is left behind may still look at it.
        var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = ExecuteAsync(use, abandoned.Token);
        try
        {
            // Not only by the token: to cancel, the driver first asks the server to, which may be what hangs.
            return await run.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (!run.IsCompleted && e is TimeoutException or OperationCanceledException)
        {
            // Its outcome interests nobody any more.
            _ = run.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _ = abandoned.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new MembershipUnavailableException($"the table of nodes did not answer within {_options.OperationTimeout.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException || (_closed && e is ObjectDisposedException or InvalidOperationException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (PostgresFaults.IsOutdatedSession(e))
                _source.Clear();
            var reason = _closed ? "the table of nodes is closed" : PostgresFaults.Describe(e);
            throw new MembershipUnavailableException(reason, e);
        }
    }

    private async Task<T> ExecuteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        return await use(connection, cancellationToken);
    }
}
