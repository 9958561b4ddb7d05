-- COLLATE "C" compares the bytes of UTF-8: the order that the port promises for the list of rooms, the same on
-- every machine, and no index to rebuild when the operating system's collations change.
CREATE TABLE room (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text   COLLATE "C" NOT NULL,
    log        text   COLLATE "C" NOT NULL,
    epoch      bigint NOT NULL,
    head       bigint NOT NULL,
    "first"    bigint NOT NULL,
    "view"     bigint NOT NULL,
    -- The server's history (system identifier, timeline) under which the room was last opened; '' where it was
    -- opened by nodes that trust their fail-over.
    timeline   text   COLLATE "C" NOT NULL
)
-- Each append changes a row's head, and no index has the head: with free space in its page the new version stays
-- there (HOT), and no index is touched. Vacuum comes earlier than the default's 20 % for the same reason.
WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE UNIQUE INDEX room_name ON room (name);

-- No foreign key: rooms are never deleted, and each event would pay for the check.
CREATE TABLE event (
    room_id bigint   NOT NULL,
    seq     bigint   NOT NULL,
    kind    smallint NOT NULL,
    author  text     COLLATE "C" NOT NULL,
    mid     text     COLLATE "C" NOT NULL,
    ts      bigint   NOT NULL,
    "of"    bigint   NOT NULL,
    line    bytea    NOT NULL,
    PRIMARY KEY (room_id, seq)
)
-- Rows are only inserted, and at the old end deleted: without this a large table is first analyzed, and its
-- visibility map first set, after another fifth of it has come in.
WITH (autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);

-- The truth about repeated writes.
CREATE UNIQUE INDEX event_write ON event (room_id, author, mid);
