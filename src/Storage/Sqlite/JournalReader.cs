using System.Text;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements of one reading thread.</summary>
internal sealed class JournalReader(SqliteSession session)
{
    private const string Range = $"""
        SELECT {EventColumns.List} FROM event
        WHERE room_id = (SELECT id FROM room WHERE name = ?1) AND seq > ?2 AND seq < ?3
        """;

    private readonly SqliteStatement _oldest = session.Prepare($"{Range} ORDER BY seq LIMIT ?4");
    private readonly SqliteStatement _newest = session.Prepare($"{Range} ORDER BY seq DESC LIMIT ?4");

    private readonly SqliteStatement _rooms = session.Prepare("""
        SELECT name, head FROM room WHERE name >= ?1 AND name < ?2 AND name <> ?3 AND head > 0 ORDER BY name LIMIT ?4
        """);

    private readonly SqliteStatement _trimmed = session.Prepare("""
        SELECT id, "first", head, (SELECT e.ts FROM event AS e WHERE e.room_id = room.id AND e.seq = room."first")
        FROM room WHERE id > ?1 AND "first" <= head ORDER BY id LIMIT ?2
        """);

    // Where the line is not asked for itself, SQLite does not read it.
    private readonly SqliteStatement _lineBytes = session.Prepare("SELECT length(line) FROM event WHERE room_id = ?1 AND seq = ?2");

    private readonly SqliteStatement _size = session.Prepare("""
        SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size
        """);

    public SqliteSession Session => session;

    /// <summary>The bytes of the database's pages that hold something. What was deleted is free for what comes.</summary>
    public long Size()
    {
        var size = _size.Step() ? _size.Int64(0) : 0;
        _size.Reset();
        return size;
    }

    /// <inheritdoc cref="IJournal.ReadAsync"/>
    public IReadOnlyList<StoredEvent> Read(string room, ReadRange range)
    {
        var statement = range.Newest ? _newest : _oldest;
        statement.Bind(1, room).Bind(2, range.After).Bind(3, range.Before).Bind(4, Math.Max(range.Limit, 0));
        var events = EventColumns.ReadUpTo(statement, range.Bytes);
        if (range.Newest)
            events.Reverse();
        return events;
    }

    /// <summary>The next rooms with events.</summary>
    public IReadOnlyList<TrimmedRoom> TrimmedRooms(long after, int limit)
    {
        _trimmed.Bind(1, after).Bind(2, limit);
        var rooms = new List<TrimmedRoom>();
        while (_trimmed.Step())
            rooms.Add(new TrimmedRoom(_trimmed.Int64(0), _trimmed.Int64(1), _trimmed.Int64(2), _trimmed.IsNull(3) ? null : _trimmed.Int64(3)));
        return rooms;
    }

    /// <summary>How long the lines of some events are.</summary>
    public IReadOnlyList<int> LineBytes(TrimmedRoom room)
    {
        var bytes = new List<int>();
        foreach (var seq in room.Sample())
        {
            _lineBytes.Bind(1, room.Id).Bind(2, seq);
            while (_lineBytes.Step())
                bytes.Add((int)_lineBytes.Int64(0));
        }

        return bytes;
    }

    /// <inheritdoc cref="IJournal.ListRoomsAsync"/>
    public IReadOnlyList<StoredRoom> ListRooms(string prefix, string after, int limit)
    {
        var first = SqliteStatement.StrictUtf8.GetBytes(prefix);
        var last = SqliteStatement.StrictUtf8.GetBytes(after);
        var from = last.AsSpan().SequenceCompareTo(first) > 0 ? last : first;
        _rooms.BindText(1, from).BindText(2, UpperBound(first)).BindText(3, last).Bind(4, Math.Max(limit, 0));
        var rooms = new List<StoredRoom>();
        while (_rooms.Step())
            rooms.Add(new StoredRoom(_rooms.Text(0), _rooms.Int64(1)));
        return rooms;
    }

    /// <summary>
    /// The least bytes above all names with the prefix. They need be no UTF-8: SQLite compares bytes. No byte of
    /// UTF-8 exceeds 0xF4, so adding one never carries, and a single 0xFF is above every name.
    /// </summary>
    private static byte[] UpperBound(byte[] prefix)
    {
        if (prefix.Length == 0)
            return [0xFF];
        var bound = prefix.ToArray();
        bound[^1]++;
        return bound;
    }
}

/// <summary>A caller's request on its way to a reading thread.</summary>
internal abstract class ReadWork
{
    private volatile bool _abandoned;

    /// <summary>Its caller has gone.</summary>
    public bool IsAbandoned => _abandoned;

    public void Abandon() => _abandoned = true;

    public abstract void Execute(JournalReader reader);

    public abstract void Fail(string reason, Exception cause);
}

internal sealed class ReadWork<T>(Func<JournalReader, T> read) : ReadWork
{
    private readonly TaskCompletionSource<Outcome<T>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Outcome<T>> Answer => _answer.Task;

    public override void Execute(JournalReader reader) => _answer.TrySetResult(Outcome<T>.Of(read(reader)));

    public override void Fail(string reason, Exception cause) => _answer.TrySetResult(Outcome<T>.Failed(reason, cause));
}
