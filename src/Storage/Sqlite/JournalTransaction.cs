using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The statements of the writer, within a transaction that <see cref="SqliteJournalWriter"/> begins and commits.
/// </summary>
/// <remarks>
/// SQLite gives the write lock to one transaction at a time, so nothing can come between the fencing update and
/// the insertions; that the epoch and the head stand in the update's own condition keeps it right even if the
/// transaction were begun otherwise. A refused part must leave no trace while the other rooms' parts stay, which takes a savepoint for each. They
/// are not free (SQLite copies each page before it changes it), and parts are hardly ever refused, so a transaction is first tried without.
/// </remarks>
internal sealed class JournalTransaction(SqliteSession session)
{
    private readonly UnbornSlots _unborn = new(session);

    private readonly SqliteStatement _open = session.Prepare("""
        UPDATE room SET epoch = epoch + 1, "view" = ?2, kept = 1 WHERE name = ?1 AND "view" <= ?2
        RETURNING id, log, epoch, head, "first"
        """);

    private readonly SqliteStatement _tail = session.Prepare($"""
        SELECT {EventColumns.List} FROM event WHERE room_id = ?1 AND seq > ?2 ORDER BY seq DESC
        """);

    private readonly SqliteStatement _advance = session.Prepare("""
        UPDATE room SET head = ?4 WHERE name = ?1 AND epoch = ?2 AND head = ?3 AND (?3 > 0 OR kept) RETURNING id
        """);

    private readonly SqliteStatement _insert = session.Prepare("""
        INSERT INTO event (room_id, seq, kind, author, mid, ts, "of", line) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);

    private readonly SqliteStatement _find = session.Prepare($"""
        SELECT {EventColumns.List} FROM event WHERE room_id = (SELECT id FROM room WHERE name = ?1) AND author = ?2 AND mid = ?3
        """);

    private readonly SqliteStatement _renew = session.Prepare("""
        UPDATE room SET epoch = epoch + 1, log = ?2, head = 0, "first" = 1, kept = 1 WHERE name = ?1 AND (head > 0 OR kept)
        RETURNING id, epoch
        """);

    private readonly SqliteStatement _empty = session.Prepare("DELETE FROM event WHERE room_id = ?1");
    private readonly SqliteStatement _oldest = session.Prepare("""
        SELECT max(old.seq)
        FROM (
            SELECT e.seq, e.ts, r.head FROM room AS r JOIN event AS e ON e.room_id = r.id AND e.seq >= r."first"
            WHERE r.id = ?1 ORDER BY e.seq LIMIT ?5
        ) AS old
        WHERE old.ts < ?2 AND (old.ts < ?3 OR old.seq <= old.head - ?4)
        """);

    private readonly SqliteStatement _forget = session.Prepare("DELETE FROM event WHERE room_id = ?1 AND seq <= ?2 RETURNING 1");
    private readonly SqliteStatement _begins = session.Prepare("""UPDATE room SET "first" = ?2 WHERE id = ?1""");
    private readonly SqliteStatement _savepoint = session.Prepare("SAVEPOINT part");
    private readonly SqliteStatement _release = session.Prepare("RELEASE part");
    private readonly SqliteStatement _undo = session.Prepare("ROLLBACK TO part");

    /// <inheritdoc cref="IJournal.OpenAsync"/>
    public OpenedRoom? Open(string room, long view, int tail)
    {
        _open.Bind(1, room).Bind(2, view);
        if (!_open.Step())
            return _unborn.Open(room, view);
        var id = _open.Int64(0);
        var log = _open.Text(1);
        var epoch = _open.Int64(2);
        var head = _open.Int64(3);
        var first = _open.Int64(4);
        _open.Run();

        List<StoredEvent> events = [];
        if (tail > 0 && first <= head)
        {
            _tail.Bind(1, id).Bind(2, head - tail);
            events = EventColumns.ReadUpTo(_tail, OpenedRoom.MaxTailBytes);
            events.Reverse();
        }

        return new OpenedRoom(epoch, log, head, first, events);
    }

    /// <inheritdoc cref="IRoomDeletion.DeleteAsync"/>
    public long? Delete(string room)
    {
        _renew.Bind(1, room).Bind(2, LogNames.New());
        if (!_renew.Step())
            return null;
        var (id, epoch) = (_renew.Int64(0), _renew.Int64(1));
        _renew.Run();
        _empty.Bind(1, id);
        _empty.Run();
        return epoch;
    }

    /// <summary>Deletes a room's oldest events, as far as they may go, and moves its first along.</summary>
    /// <param name="id">The room.</param>
    /// <param name="bounds">What may go.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>How many went.</returns>
    public int Trim(long id, TrimBounds bounds, int most)
    {
        _oldest.Bind(1, id).Bind(2, bounds.Spared).Bind(3, bounds.Old).Bind(4, bounds.Kept).Bind(5, most);
        long? last = _oldest.Step() && !_oldest.IsNull(0) ? _oldest.Int64(0) : null;
        _oldest.Reset();
        if (last is null)
            return 0;
        var count = 0;
        _forget.Bind(1, id).Bind(2, last.Value);
        while (_forget.Step())
            count++;
        _begins.Bind(1, id).Bind(2, last.Value + 1);
        _begins.Run();
        return count;
    }

    /// <inheritdoc cref="UnbornSlots.RemoveEmpty"/>
    public long? RemoveEmpty(long after, int count) => _unborn.RemoveEmpty(after, count);

    /// <summary>Whether each part has its own savepoint.</summary>
    public bool IsolatesParts { get; set; }

    /// <summary>One room's part of a batch, in which <see cref="EntryRules"/> found nothing.</summary>
    /// <exception cref="SqliteFault">
    /// The transaction is to be given up. Where the fault is this part's own, it can be tried again with <see cref="IsolatesParts"/>.
    /// </exception>
    public AppendResult Append(AppendEntry entry) => IsolatesParts ? AppendOrUndo(entry) : AppendOrThrow(entry);

    private AppendResult AppendOrThrow(AppendEntry entry)
    {
        var events = entry.Events;
        _advance.Bind(1, entry.Room).Bind(2, entry.Epoch).Bind(3, entry.BaseSeq).Bind(4, entry.BaseSeq + events.Count);
        long id;
        if (_advance.Step())
        {
            id = _advance.Int64(0);
            _advance.Run();
        }
        else if (entry.BaseSeq == 0 && _unborn.Bear(entry) is { } born)
        {
            id = born;
        }
        else
        {
            return AppendResult.Fenced;
        }

        for (var i = 0; i < events.Count; i++)
            Insert(id, events[i]);
        return AppendResult.Committed;
    }

    private AppendResult AppendOrUndo(AppendEntry entry)
    {
        _savepoint.Run();
        AppendResult result;
        try
        {
            result = AppendOrThrow(entry);
        }
        catch (SqliteFault e) when (e.IsAboutRow)
        {
            // Without the rows that went in before the repeated one, what is found was there before this entry.
            _undo.Run();
            var existing = e.IsRepeated ? Existing(entry) : [];
            result = existing.Count > 0
                ? new AppendResult(AppendStatus.Duplicate, existing)
                : new AppendResult(AppendStatus.Rejected, [], e.IsRepeated
                    ? $"the entry repeats one of its own (author, mid) pairs, or a row stands beyond the head: {e.Message}"
                    : e.Message);
        }

        _release.Run();
        return result;
    }

    private void Insert(long id, StoredEvent e)
    {
        _insert.Bind(1, id).Bind(2, e.Seq).Bind(3, (long)e.Kind).Bind(4, e.Author).Bind(5, e.Mid)
            .Bind(6, e.Ts).Bind(7, e.Of).BindBlob(8, e.Line.Span);
        _insert.Run();
    }

    private List<StoredEvent> Existing(AppendEntry entry)
    {
        var found = new List<StoredEvent>();
        var seen = new HashSet<long>();
        foreach (var e in entry.Events)
        {
            _find.Bind(1, entry.Room).Bind(2, e.Author).Bind(3, e.Mid);
            while (_find.Step())
            {
                if (seen.Add(_find.Int64(0)))
                    found.Add(EventColumns.Read(_find));
            }
        }

        return found;
    }
}
