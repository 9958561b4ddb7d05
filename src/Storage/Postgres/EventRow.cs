using ClusterChat.RoomActors.Journal;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Reads <see cref="JournalStatements.Columns"/>.</summary>
internal static class EventRow
{
    /// <summary>Reads an event from columns that stand beside each other.</summary>
    /// <param name="row">Where to read.</param>
    /// <param name="first">The number of the first of the columns.</param>
    public static StoredEvent Read(NpgsqlDataReader row, int first = 0) => new(
        row.GetInt64(first),
        (EventKind)row.GetInt16(first + 1),
        row.GetString(first + 2),
        row.GetString(first + 3),
        row.GetInt64(first + 4),
        row.GetInt64(first + 5),
        row.GetFieldValue<byte[]>(first + 6));
}
