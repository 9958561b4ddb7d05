using Microsoft.Data.Sqlite;

namespace ClusterChat.Bench.Durable;

/// <summary>SQLite alone: for each row an update of its room and an insert, prepared, in one transaction.</summary>
internal sealed class SqliteBatches : IBatches
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _advance;
    private readonly SqliteCommand _insert;

    /// <param name="path">The file of a journal that has the rooms.</param>
    public SqliteBatches(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();

        // What the journal sets as well. Checkpoints are left to SQLite.
        Prepare("PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY").ExecuteNonQuery();
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _advance = Prepare("UPDATE room SET head = $seq WHERE name = $room AND head = $seq - 1 RETURNING id", "$room", "$seq");
        _insert = Prepare(
            """INSERT INTO event (room_id, seq, kind, author, mid, ts, "of", line) VALUES ($room, $seq, 1, $author, $mid, $ts, 0, $line)""",
            "$room", "$seq", "$author", "$mid", "$ts", "$line");
    }

    public ValueTask CommitAsync(long seq)
    {
        _begin.ExecuteNonQuery();
        foreach (var room in Rows.Rooms)
        {
            Run(_insert, Run(_advance, room, seq), seq, Rows.Author, Rows.Mid(room, seq), Rows.Time, Rows.Line(room, seq));
        }

        _commit.ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static object? Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteScalar();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }
}
