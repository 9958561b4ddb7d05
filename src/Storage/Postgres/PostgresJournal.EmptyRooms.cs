using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <content>Rows of earlier versions that stand for nothing: see <see cref="UnbornRooms"/>.</content>
public sealed partial class PostgresJournal
{
    private async ValueTask<long?> RemoveEmptyAsync(long after, int count, CancellationToken cancellationToken)
        => await RunAsync(_opens, connection => RemoveEmptyAsync(connection, after, count), cancellationToken);

    /// <summary>One step: two nodes may take the same one, and a room that somebody opens meanwhile stays.</summary>
    private static async Task<long?> RemoveEmptyAsync(NpgsqlConnection connection, long after, int count)
    {
        var (looked, last) = (0, after);
        var empty = new List<(long Id, string Room, long Epoch, long View)>();
        await using (var command = new NpgsqlCommand(JournalStatements.EmptyRooms, connection) { Parameters = { Value(after), Value((long)count) } })
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                (looked, last) = (looked + 1, reader.GetInt64(0));
                if (reader.GetBoolean(4))
                    empty.Add((last, reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
            }
        }

        if (empty.Count > 0)
            await RemoveAsync(connection, empty);
        return looked < count ? null : last;
    }

    private static async Task RemoveAsync(NpgsqlConnection connection, List<(long Id, string Room, long Epoch, long View)> empty)
    {
        // One statement changes no row twice.
        var slots = empty.GroupBy(room => UnbornRooms.SlotOf(room.Room)).Select(slot => (
            Slot: slot.Key, Log: LogNames.New(), Epoch: slot.Max(room => room.Epoch), View: slot.Max(room => room.View))).ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(JournalStatements.RaiseUnborn)
                {
                    Parameters = { Values(slots, s => s.Slot), Values(slots, s => s.Log), Values(slots, s => s.Epoch), Values(slots, s => s.View) },
                },
                new NpgsqlBatchCommand(JournalStatements.RemoveEmpty)
                {
                    Parameters = { Values(empty, room => room.Id), Values(empty, room => room.Epoch) },
                },
            },
        };
        await batch.ExecuteNonQueryAsync();

        static NpgsqlParameter<T[]> Values<TItem, T>(IEnumerable<TItem> items, Func<TItem, T> value) => new() { TypedValue = [.. items.Select(value)] };
    }
}
