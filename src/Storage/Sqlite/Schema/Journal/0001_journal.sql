-- Text is stored in UTF-8 and compared byte by byte (BINARY), which is the order that the port promises for
-- the list of rooms.
CREATE TABLE room (
    id      INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE COLLATE BINARY,
    log     TEXT    NOT NULL,
    epoch   INTEGER NOT NULL,
    head    INTEGER NOT NULL,
    "first" INTEGER NOT NULL,
    "view"  INTEGER NOT NULL
);

-- Without a rowid, the events of one room lie beside each other: a read of its newest ones touches few pages.
CREATE TABLE event (
    room_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    author  TEXT    NOT NULL,
    mid     TEXT    NOT NULL,
    ts      INTEGER NOT NULL,
    "of"    INTEGER NOT NULL,
    line    BLOB    NOT NULL,
    PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;

-- The truth about repeated writes.
CREATE UNIQUE INDEX event_write ON event (room_id, author, mid);
