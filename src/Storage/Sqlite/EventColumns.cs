using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The columns of an event, in the one order that all queries use.</summary>
internal static class EventColumns
{
    public const string List = """seq, kind, author, mid, ts, "of", line""";

    /// <summary>
    /// Reads events until their lines have so many bytes, the first one in any case, and resets the statement: one that is not at its end would hold its snapshot, and
    /// the log could not begin anew.
    /// </summary>
    public static List<StoredEvent> ReadUpTo(SqliteStatement rows, int most)
    {
        var events = new List<StoredEvent>();
        long bytes = 0;
        while ((events.Count == 0 || bytes < most) && rows.Step())
        {
            bytes += rows.Length(6);
            if (events.Count > 0 && bytes > most)
                break;
            events.Add(Read(rows));
        }

        rows.Reset();
        return events;
    }

    public static StoredEvent Read(SqliteStatement row) => new(
        row.Int64(0), (EventKind)row.Int64(1), row.Text(2), row.Text(3), row.Int64(4), row.Int64(5), row.Blob(6));
}
