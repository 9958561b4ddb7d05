using System.Data.Common;
using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>Reads rooms with the SQL that SQLite and PostgreSQL have in common.</summary>
/// <param name="connect">Makes a connection to the store; it is opened here.</param>
internal sealed class JournalReader(Func<DbConnection> connect) : IJournalReader
{
    public async Task<IReadOnlyList<JournaledRoom>> ReadAsync(IReadOnlyCollection<string> rooms)
    {
        await using var connection = connect();
        await connection.OpenAsync();
        var found = new List<(long Id, JournaledRoom Room)>();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT id, name, log, epoch, \"view\", head, \"first\" FROM room";
            await using var row = await command.ExecuteReaderAsync();
            while (await row.ReadAsync())
            {
                if (rooms.Contains(row.GetString(1), StringComparer.Ordinal))
                    found.Add((row.GetInt64(0), new JournaledRoom(row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), [])));
            }
        }

        var read = new List<JournaledRoom>();
        foreach (var (id, room) in found)
            read.Add(room with { Events = await EventsAsync(connection, id) });
        return read;
    }

    private static async Task<List<StoredEvent>> EventsAsync(DbConnection connection, long room)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture, $"SELECT seq, kind, author, mid, ts, \"of\", line FROM event WHERE room_id = {room} ORDER BY seq");
        await using var row = await command.ExecuteReaderAsync();
        var events = new List<StoredEvent>();
        while (await row.ReadAsync())
        {
            events.Add(new StoredEvent(
                row.GetInt64(0), (EventKind)row.GetInt16(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5), row.GetFieldValue<byte[]>(6)));
        }

        return events;
    }
}
