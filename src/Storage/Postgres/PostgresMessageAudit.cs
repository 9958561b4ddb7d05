using ClusterChat.Cluster.Abuse;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Keeps the audit of messages in the journal's database.</summary>
public sealed class PostgresMessageAudit : IMessageAudit, IAsyncDisposable
{
    private const string Columns = "room, seq, mid, author, session, address, at, is_repeat";

    private const string Add = $"""
        INSERT INTO audit ({Columns})
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::boolean[])
        """;

    private const string OfMessage = $"SELECT {Columns}, id FROM audit WHERE room = $3 AND seq = $4 AND id < $1 ORDER BY id DESC LIMIT $2";

    private const string OfUser = $"SELECT {Columns}, id FROM audit WHERE author = $3 AND id < $1 ORDER BY id DESC LIMIT $2";

    private const string Forget = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)";

    /// <summary>One writes or forgets, and operators read.</summary>
    private const int Connections = 2;

    private readonly PostgresSideStore _store;

    /// <summary>Makes an audit that answers as unavailable until it was started.</summary>
    /// <param name="options">Which database, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgresMessageAudit(PostgresStorageOptions options, TimeProvider time, ILogger<PostgresMessageAudit>? logger = null)
        => _store = new PostgresSideStore(
            "the audit of messages", "audit", Connections, options, time, logger ?? NullLogger<PostgresMessageAudit>.Instance,
            static (reason, cause) => new StoreUnavailableException(reason, cause));

    /// <summary>Waits for the database, and brings its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _store.StartAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask AddAsync(IReadOnlyList<AuditedMessage> entries, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(entries);
        await _store.CallAsync(
            connection => ChangeAsync(
                connection,
                Add,
                Of(entries.Select(e => e.Room).ToArray()),
                Of(entries.Select(e => e.Seq).ToArray()),
                Of(entries.Select(e => e.Mid).ToArray()),
                Of(entries.Select(e => e.User).ToArray()),
                Of(entries.Select(e => e.Session).ToArray()),
                Of(entries.Select(e => e.Address).ToArray()),
                Of(entries.Select(e => e.At).ToArray()),
                Of(entries.Select(e => e.IsRepeat).ToArray())),
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditedMessage>> OfMessageAsync(string room, long seq, long before, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(room);
        return _store.CallAsync(connection => ReadAsync(connection, OfMessage, Of(before), Of((long)limit), Of(room), Of(seq)), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditedMessage>> OfUserAsync(string user, long before, int limit, CancellationToken cancellationToken)
    {
        StoreRules.ThrowUnlessText(user);
        return _store.CallAsync(connection => ReadAsync(connection, OfUser, Of(before), Of((long)limit), Of(user)), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ForgetAsync(long before, int most, CancellationToken cancellationToken)
        => _store.CallAsync(connection => ChangeAsync(connection, Forget, Of(before), Of((long)most)), cancellationToken);

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static async Task<int> ChangeAsync(NpgsqlConnection connection, string sql, params NpgsqlParameter[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<IReadOnlyList<AuditedMessage>> ReadAsync(NpgsqlConnection connection, string sql, params NpgsqlParameter[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<AuditedMessage>();
        while (await reader.ReadAsync())
        {
            found.Add(new AuditedMessage(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
                reader.GetInt64(6), reader.GetBoolean(7))
            { Id = reader.GetInt64(8) });
        }

        return found;
    }
}
