using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// The journal's SQL, and why it is right. Isolation is READ COMMITTED: each statement sees what was committed
/// when it began, and a row that it locks is looked at again as it is once the lock is had.
/// </summary>
/// <remarks>
/// <para><b>Append</b> is one statement. Its first part locks the rows of the rooms whose epoch and head are as
/// the batch says, in the order of their keys, so two batches never wait for each other in a circle. A row that
/// changed while it was waited for is checked anew and falls out. What the rest of the statement sees of the
/// matching rooms' events is complete, although its snapshot is older than the locks: every append changes the
/// head, heads only grow, so between a snapshot with head h and a locked row with head h there was none. A row
/// that matches only in a version newer than the snapshot is not considered, which is a refusal, so no harm.</para>
/// <para><b>Open</b> has three statements in one round trip and one transaction. The first raises the slot of a room that has no row
/// (<see cref="UnbornRooms"/>), the second the room's row, where there is one: its snapshot begins when the slot is held, so it sees a birth that
/// was waited for, and none can come behind it. The tail needs the snapshot of a
/// statement that begins when the room's row is locked already; within one statement an append that committed
/// while the lock was waited for would be in the head and not in the tail.</para>
/// <para><b>Birth</b> is a statement before the append, for parts that begin at 0 only: it locks the slots whose epoch is the part's, in the order of
/// their keys, and makes the rows, which the append then finds as it finds all others. Whoever locks both, a slot and a row, takes the slot
/// first.</para>
/// <para><b>Timeline.</b> A fail-over to a server that lags, or a restored backup, takes back committed events; their
/// numbers, and the epochs of that time, would be given out a second time under the same log. Such a server always
/// has another timeline, or another system identifier. Each room keeps the one under which it was opened last;
/// where the server's own differs, appends are refused (also those of an activation that lived through the
/// fail-over and whose epoch and head happen to match), and the next open begins a new log and leaps over
/// all epochs that may have been given out. The events that are there stay, under the new log. Comparison
/// and change happen in the statement that holds the row, so there is no moment between them. Not noticed: a
/// copy of the data files that is started as if it were the original, since its identity is the same.</para>
/// </remarks>
internal sealed class JournalStatements(bool trustFailover)
{
    /// <summary>
    /// The server's history. Not <c>pg_control_checkpoint()</c>: after a promotion that has the old timeline until
    /// the first checkpoint; the position in the write-ahead log has the new one at once.
    /// </summary>
    public const string Timeline =
        "(SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system())";

    /// <summary>The columns of an event, in the one order that all queries use.</summary>
    public const string Columns = """seq, kind, author, mid, ts, "of", line""";

    /// <summary>More epochs than a room can have had while a server was cut off.</summary>
    public const long EpochLeap = 1_000_000;

    private const string Range = $"""
        SELECT {Columns} FROM event
        WHERE room_id = (SELECT id FROM room WHERE name = $1) AND seq > $2 AND seq < $3
        """;

    /// <summary>The events of a range up to its limits, the first one in any case.</summary>
    /// <remarks>
    /// A long line stands outside of its row, and is fetched only where it is sent: its length is in the row, and what lies between (the window's copy of a
    /// row) has the reference. So what does not fit costs no more than its row.
    /// </remarks>
    private static string Page(string order) => $"""
        SELECT {Columns}
        FROM (
            SELECT {Columns}, sum(octet_length(line)) OVER so_far AS bytes, row_number() OVER so_far AS n
            FROM ({Range} ORDER BY {order} LIMIT $4) AS e
            WINDOW so_far AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)
        ) AS page
        WHERE n = 1 OR bytes <= $5
        ORDER BY {order}
        """;

    // As UnbornRooms.LogOf: of the slot u, and a name.
    private const string UnbornLogOf = "translate(encode(substr(sha256(convert_to(u.log || '/' || ";
    private const string UnbornLogEnd = ", 'UTF8')), 1, 9), 'base64'), '+/', '-_')";

    /// <summary>Name, view, log, slot: log, epoch; no row where the room has one of its own, or the slot's view is newer.</summary>
    public string OpenUnborn { get; } = trustFailover
        ? $"""
            INSERT INTO unborn AS u (slot, log, epoch, "view", timeline)
            SELECT $4, $3, 1, $2, '' WHERE NOT EXISTS (SELECT 1 FROM room WHERE name = $1)
            ON CONFLICT (slot) DO UPDATE SET epoch = u.epoch + 1, "view" = excluded."view" WHERE u."view" <= excluded."view"
            RETURNING {UnbornLogOf}$1{UnbornLogEnd}, u.epoch
            """
        : $"""
            INSERT INTO unborn AS u (slot, log, epoch, "view", timeline)
            SELECT $4, $3, 1, $2, {Timeline} WHERE NOT EXISTS (SELECT 1 FROM room WHERE name = $1)
            ON CONFLICT (slot) DO UPDATE SET
                epoch = u.epoch + CASE WHEN u.timeline IN ('', excluded.timeline) THEN 1 ELSE {EpochLeap} END,
                log = CASE WHEN u.timeline IN ('', excluded.timeline) THEN u.log ELSE excluded.log END,
                timeline = excluded.timeline,
                "view" = excluded."view"
            WHERE u."view" <= excluded."view"
            RETURNING {UnbornLogOf}$1{UnbornLogEnd}, u.epoch
            """;

    /// <summary>Name, view, log: log, epoch, head, first; no row where the view is older, or there is no such room. Only behind <see cref="OpenUnborn"/>.</summary>
    public string Open { get; } = trustFailover
        ? """
            UPDATE room AS r SET epoch = r.epoch + 1, "view" = $2, kept = TRUE WHERE r.name = $1 AND r."view" <= $2
            RETURNING r.log, r.epoch, r.head, r."first"
            """
        : $"""
            UPDATE room AS r SET
                epoch = r.epoch + CASE WHEN r.timeline IN ('', server.timeline) THEN 1 ELSE {EpochLeap} END,
                log = CASE WHEN r.timeline IN ('', server.timeline) THEN r.log ELSE $3 END,
                timeline = server.timeline,
                "view" = $2,
                kept = TRUE
            FROM (SELECT {Timeline} AS timeline) AS server
            WHERE r.name = $1 AND r."view" <= $2
            RETURNING r.log, r.epoch, r.head, r."first"
            """;

    /// <summary>Names, slots, epochs, one a part that begins at 0: makes the rows of those that are born. Only before <see cref="Append"/>.</summary>
    public string Bear { get; } = $"""
        WITH born AS MATERIALIZED (
            SELECT p.name, {UnbornLogOf}p.name{UnbornLogEnd} AS log, u.epoch, u."view"
            FROM unnest($1, $2, $3) AS p (name, slot, epoch)
            JOIN unborn AS u ON u.slot = p.slot AND u.epoch = p.epoch
            WHERE u.slot = ANY ($2){(trustFailover ? "" : $" AND u.timeline IN ('', {Timeline})")}
            ORDER BY u.slot
            FOR NO KEY UPDATE OF u
        )
        INSERT INTO room (name, log, epoch, head, "first", "view", timeline, kept)
        SELECT name, log, epoch, 0, 1, "view", {(trustFailover ? "''" : Timeline)}, TRUE FROM born
        ON CONFLICT (name) DO NOTHING
        """;

    /// <summary>Name, count: the newest events. Only behind <see cref="Open"/> in its transaction.</summary>
    public string Tail { get; } = $"""
        SELECT {Columns}
        FROM (
            SELECT {Columns}, sum(octet_length(line)) OVER so_far AS bytes, row_number() OVER so_far AS n
            FROM event
            WHERE room_id = (SELECT id FROM room WHERE name = $1) AND seq > (SELECT head FROM room WHERE name = $1) - $2
            WINDOW so_far AS (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING)
        ) AS tail
        WHERE n = 1 OR bytes <= {OpenedRoom.MaxTailBytes}
        ORDER BY seq
        """;

    /// <summary>
    /// Name, log: epoch; no row where there is no such room. The row is held by the update when its events are deleted, so no append comes
    /// between; one that waited for the row finds another epoch. The statement's snapshot may be older than the lock, and an event that was
    /// committed while it was waited for would stay: so the deletion is a statement of its own, behind this one in its transaction.
    /// </summary>
    public const string Renew = """
        UPDATE room SET epoch = epoch + 1, log = $2, head = 0, "first" = 1, kept = TRUE WHERE name = $1 AND (head > 0 OR kept) RETURNING epoch
        """;

    /// <summary>Name. Only behind <see cref="Renew"/> in its transaction.</summary>
    public const string Empty = "DELETE FROM event WHERE room_id = (SELECT id FROM room WHERE name = $1)";

    /// <summary>
    /// Names, epochs, heads before and after, one a room; then number of the room's part, seq, kind, author, mid,
    /// ts, of, line, one an event. A row for each part that did not go in, without a seq; or where it repeats events,
    /// a row for each of these. No row: all is in.
    /// </summary>
    /// <remarks>
    /// The tables are reached through an array of keys, scalar subqueries and limited lateral queries: forms that the
    /// planner can only carry out as look-ups in an index, however wrong its statistics are. (The update could be
    /// done otherwise, but not cheaper: the generic plan expects few parts.)
    /// </remarks>
    public string Append { get; } = $"""
        WITH part AS MATERIALIZED (
            SELECT p.n, p.last, r.id
            FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS p (name, epoch, base, last, n)
            JOIN room AS r ON r.name = p.name AND r.epoch = p.epoch AND r.head = p.base AND (p.base > 0 OR r.kept)
            WHERE r.name = ANY ($1){(trustFailover ? "" : $" AND r.timeline IN ('', {Timeline})")}
            ORDER BY r.id
            FOR NO KEY UPDATE OF r
        ),
        entry AS MATERIALIZED (
            SELECT part.id, e.*,
                (SELECT x.seq FROM event AS x WHERE x.room_id = part.id AND x.author = e.author AND x.mid = e.mid) AS existing
            FROM unnest($5, $6, $7, $8, $9, $10, $11, $12) AS e (n, seq, kind, author, mid, ts, "of", line)
            JOIN part ON part.n = e.n
        ),
        repeated AS MATERIALIZED (
            SELECT DISTINCT n FROM entry WHERE existing IS NOT NULL
        ),
        inserted AS (
            INSERT INTO event (room_id, {Columns})
            SELECT id, {Columns} FROM entry WHERE n NOT IN (SELECT n FROM repeated)
        ),
        advanced AS (
            UPDATE room AS r SET head = part.last
            FROM part
            WHERE r.id = part.id AND part.n NOT IN (SELECT n FROM repeated)
        )
        SELECT n, NULL::bigint AS at, NULL::bigint AS seq, NULL::smallint AS kind, NULL AS author, NULL AS mid,
            NULL::bigint AS ts, NULL::bigint AS "of", NULL::bytea AS line
        FROM generate_series(1, cardinality($1)::bigint) AS n WHERE n NOT IN (SELECT n FROM part)
        UNION ALL
        SELECT entry.n, entry.seq, old.*
        FROM entry
        CROSS JOIN LATERAL (SELECT {Columns} FROM event AS x WHERE x.room_id = entry.id AND x.seq = entry.existing LIMIT 1) AS old
        WHERE entry.existing IS NOT NULL
        ORDER BY n, at
        """;

    /// <summary>Last id, count: id, name, epoch, view of the next rooms, and whether they never had an event.</summary>
    public const string EmptyRooms = """
        SELECT id, name, epoch, "view", head = 0 AND NOT kept FROM room WHERE id > $1 ORDER BY id LIMIT $2
        """;

    /// <summary>
    /// Slots, logs, epochs, views, each slot once: raises these slots to what rooms had that are about to be removed. In the order of their
    /// keys, as all who lock several.
    /// </summary>
    public const string RaiseUnborn = """
        INSERT INTO unborn AS u (slot, log, epoch, "view", timeline)
        SELECT p.slot, p.log, p.epoch, p."view", '' FROM unnest($1, $2, $3, $4) AS p (slot, log, epoch, "view") ORDER BY p.slot
        ON CONFLICT (slot) DO UPDATE SET epoch = GREATEST(u.epoch, excluded.epoch), "view" = GREATEST(u."view", excluded."view")
        """;

    /// <summary>
    /// Ids, epochs: removes rooms that are still as <see cref="EmptyRooms"/> found them. Only behind <see cref="RaiseUnborn"/> in its transaction.
    /// </summary>
    public const string RemoveEmpty = """
        DELETE FROM room AS r USING unnest($1, $2) AS p (id, epoch)
        WHERE r.id = p.id AND r.epoch = p.epoch AND r.head = 0 AND NOT r.kept
        """;

    /// <summary>Name, after, before, limit, bytes of lines.</summary>
    public string Oldest { get; } = Page("seq");

    /// <inheritdoc cref="Oldest"/>
    public string Newest { get; } = Page("seq DESC");

    /// <summary>Prefix, after, limit.</summary>
    public string Rooms { get; } = """
        SELECT name, head FROM room WHERE name >= $1 AND name > $2 AND head > 0 ORDER BY name LIMIT $3
        """;

    /// <summary>Prefix, after, limit, the least name above all that have the prefix.</summary>
    public string RoomsBelow { get; } = """
        SELECT name, head FROM room WHERE name >= $1 AND name > $2 AND name < $4 AND head > 0 ORDER BY name LIMIT $3
        """;

    /// <summary>The bytes of all files of the database.</summary>
    public const string Size = "SELECT pg_database_size(current_database())";

    /// <summary>Last id, count: id, first, head and the oldest event's time of the next rooms.</summary>
    public const string TrimmedRooms = """
        SELECT id, "first", head, (SELECT e.ts FROM event AS e WHERE e.room_id = room.id AND e.seq = room."first")
        FROM room WHERE id > $1 ORDER BY id LIMIT $2
        """;

    /// <summary>Id, numbers of events: how long their lines are.</summary>
    public const string LineBytes = "SELECT octet_length(line) FROM event WHERE room_id = $1 AND seq = ANY ($2)";

    /// <summary>
    /// Id, newest time that may go, time before which all goes, events to keep, count: deletes a room's oldest events, as many at most, and moves its
    /// first along. A room whose row is held has something better to do, and is left for the next time.
    /// </summary>
    /// <remarks>Times never decrease within a room, so what may go is always its oldest part, without a hole.</remarks>
    public const string Trim = """
        WITH held AS MATERIALIZED (
            SELECT id, "first", head FROM room WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED
        ),
        old AS MATERIALIZED (
            SELECT max(s.seq) AS last
            FROM held
            CROSS JOIN LATERAL (
                SELECT e.seq, e.ts FROM event AS e WHERE e.room_id = held.id AND e.seq >= held."first" ORDER BY e.seq LIMIT $5
            ) AS s
            WHERE s.ts < $2 AND (s.ts < $3 OR s.seq <= held.head - $4)
        ),
        moved AS (
            UPDATE room SET "first" = old.last + 1 FROM old WHERE room.id = $1 AND old.last IS NOT NULL
        )
        DELETE FROM event
        WHERE room_id = $1 AND seq >= (SELECT "first" FROM held) AND seq <= (SELECT last FROM old)
        """;
}
