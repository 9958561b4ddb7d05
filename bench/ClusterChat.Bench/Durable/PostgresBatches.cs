using Npgsql;

namespace ClusterChat.Bench.Durable;

/// <summary>PostgreSQL alone: one prepared statement inserts the rows and updates their rooms, and is a transaction of its own.</summary>
internal sealed class PostgresBatches : IBatches
{
    private const string Sql = """
        WITH moved AS (
            UPDATE room AS r SET head = $2 FROM unnest($1) AS e (name) WHERE r.name = e.name AND r.head = $2 - 1 RETURNING r.id, r.name
        )
        INSERT INTO event (room_id, seq, kind, author, mid, ts, "of", line)
        SELECT moved.id, $2, 1, $3, e.mid, $4, 0, e.line
        FROM unnest($1, $5, $6) AS e (name, mid, line) JOIN moved ON moved.name = e.name
        """;

    private readonly NpgsqlConnection _connection;

    private PostgresBatches(NpgsqlConnection connection) => _connection = connection;

    /// <param name="connectionString">The database of a journal that has the rooms.</param>
    public static async Task<PostgresBatches> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Max Auto Prepare=10;Auto Prepare Min Usages=2");
        await connection.OpenAsync();
        return new PostgresBatches(connection);
    }

    public async ValueTask CommitAsync(long seq)
    {
        await using var command = new NpgsqlCommand(Sql, _connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. Rows.Rooms] },
                new NpgsqlParameter<long> { TypedValue = seq },
                new NpgsqlParameter<string> { TypedValue = Rows.Author },
                new NpgsqlParameter<long> { TypedValue = Rows.Time },
                new NpgsqlParameter<string[]> { TypedValue = [.. Rows.Rooms.Select(room => Rows.Mid(room, seq))] },
                new NpgsqlParameter<byte[][]> { TypedValue = [.. Rows.Rooms.Select(room => Rows.Line(room, seq))] },
            },
        };
        if (await command.ExecuteNonQueryAsync() != Rows.Batch)
        {
            throw new InvalidOperationException("Not all rows went in.");
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
