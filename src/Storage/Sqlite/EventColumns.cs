using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The columns of an event, in the one order that all queries use.</summary>
internal static class EventColumns
{
    public const string List = """seq, kind, author, mid, ts, "of", line""";

    public static StoredEvent Read(SqliteStatement row) => new(
        row.Int64(0), (EventKind)row.Int64(1), row.Text(2), row.Text(3), row.Int64(4), row.Int64(5), row.Blob(6));
}
