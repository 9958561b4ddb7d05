using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>On one connection a round; a room's row that is held is passed over.</summary>
internal sealed class PostgresTrimmedRooms(NpgsqlConnection connection) : ITrimmedRooms
{
    public static JournalTrimmer Trimmer(NpgsqlDataSource source, JournalTrimming rules, TimeProvider time, ILogger logger)
        => new(
            async stop => new PostgresTrimmedRooms(await source.OpenConnectionAsync(stop)),
            static e => e is NpgsqlException or TimeoutException ? PostgresFaults.Describe(e) : null,
            rules,
            time,
            logger);

    public async ValueTask<IReadOnlyList<TrimmedRoom>> ListAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(JournalStatements.TrimmedRooms, after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rooms = new List<TrimmedRoom>();
        while (await reader.ReadAsync(cancellationToken))
            rooms.Add(new TrimmedRoom(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetInt64(3)));
        return rooms;
    }

    public async ValueTask<IReadOnlyList<int>> LineBytesAsync(TrimmedRoom room, CancellationToken cancellationToken)
    {
        await using var command = Command(JournalStatements.LineBytes, room.Id);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = room.Sample() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bytes = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            bytes.Add(reader.GetInt32(0));
        return bytes;
    }

    public async ValueTask<int> TrimAsync(long room, TrimBounds bounds, int most, CancellationToken cancellationToken)
    {
        await using var command = Command(JournalStatements.Trim, room, bounds.Spared, bounds.Old, bounds.Kept, most);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<long> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        return command;
    }
}
