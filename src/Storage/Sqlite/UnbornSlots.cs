using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements about rooms that have no row, within a transaction of <see cref="JournalTransaction"/>; see <see cref="UnbornRooms"/>.</summary>
internal sealed class UnbornSlots(SqliteSession session)
{
    private readonly SqliteStatement _isStored = session.Prepare("SELECT 1 FROM room WHERE name = ?1");

    private readonly SqliteStatement _open = session.Prepare("""
        INSERT INTO unborn (slot, log, epoch, "view") VALUES (?1, ?2, 1, ?3)
        ON CONFLICT (slot) DO UPDATE SET epoch = epoch + 1, "view" = excluded."view" WHERE "view" <= excluded."view"
        RETURNING log, epoch
        """);

    private readonly SqliteStatement _find = session.Prepare("""SELECT log, "view" FROM unborn WHERE slot = ?1 AND epoch = ?2""");

    private readonly SqliteStatement _bear = session.Prepare("""
        INSERT INTO room (name, log, epoch, head, "first", "view", kept) VALUES (?1, ?2, ?3, ?4, 1, ?5, 1)
        ON CONFLICT (name) DO NOTHING RETURNING id
        """);

    private readonly SqliteStatement _rooms = session.Prepare("""
        SELECT id, name, epoch, "view", head = 0 AND NOT kept FROM room WHERE id > ?1 ORDER BY id LIMIT ?2
        """);

    private readonly SqliteStatement _raise = session.Prepare("""
        INSERT INTO unborn (slot, log, epoch, "view") VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (slot) DO UPDATE SET epoch = max(epoch, excluded.epoch), "view" = max("view", excluded."view")
        """);

    private readonly SqliteStatement _remove = session.Prepare("DELETE FROM room WHERE id = ?1");

    /// <summary>Opens a room whose own row could not be raised.</summary>
    /// <returns>Null where it has one, or its slot was opened, under a newer view.</returns>
    public OpenedRoom? Open(string room, long view)
    {
        _isStored.Bind(1, room);
        var isStored = _isStored.Step();
        _isStored.Reset();
        if (isStored)
            return null;
        _open.Bind(1, UnbornRooms.SlotOf(room)).Bind(2, LogNames.New()).Bind(3, view);
        if (!_open.Step())
            return null;
        var opened = new OpenedRoom(_open.Int64(1), UnbornRooms.LogOf(_open.Text(0), room), 0, 1, []);
        _open.Run();
        return opened;
    }

    /// <summary>Stores a room with its first events' number; the events are the caller's.</summary>
    /// <returns>The row's id; null where the room has a row, or somebody has opened it since the entry's owner did.</returns>
    public long? Bear(AppendEntry entry)
    {
        _find.Bind(1, UnbornRooms.SlotOf(entry.Room)).Bind(2, entry.Epoch);
        if (!_find.Step())
            return null;
        var (log, view) = (UnbornRooms.LogOf(_find.Text(0), entry.Room), _find.Int64(1));
        _find.Run();
        _bear.Bind(1, entry.Room).Bind(2, log).Bind(3, entry.Epoch).Bind(4, entry.Events.Count).Bind(5, view);
        if (!_bear.Step())
            return null;
        var id = _bear.Int64(0);
        _bear.Run();
        return id;
    }

    /// <summary>Removes what earlier versions left of rooms that never had an event, in one piece of the list of rooms.</summary>
    /// <param name="after">The id after which the piece begins; 0 for the first one.</param>
    /// <param name="count">How many rooms to look at.</param>
    /// <returns>The id after which the next piece begins; null where this was the last one.</returns>
    public long? RemoveEmpty(long after, int count)
    {
        var (looked, last) = (0, after);
        var empty = new List<(long Id, string Room, long Epoch, long View)>();
        _rooms.Bind(1, after).Bind(2, count);
        while (_rooms.Step())
        {
            (looked, last) = (looked + 1, _rooms.Int64(0));
            if (_rooms.Int64(4) != 0)
                empty.Add((last, _rooms.Text(1), _rooms.Int64(2), _rooms.Int64(3)));
        }

        foreach (var (id, room, epoch, view) in empty)
        {
            _raise.Bind(1, UnbornRooms.SlotOf(room)).Bind(2, LogNames.New()).Bind(3, epoch).Bind(4, view);
            _raise.Run();
            _remove.Bind(1, id);
            _remove.Run();
        }

        return looked < count ? null : last;
    }
}
