-- A room gets its row with its first event. What is to be known of it before is in the row of its slot, which it shares with all rooms
-- whose names lead there: see UnbornRooms.
CREATE TABLE unborn (
    slot   INTEGER PRIMARY KEY,
    log    TEXT    NOT NULL,
    epoch  INTEGER NOT NULL,
    "view" INTEGER NOT NULL
);

-- Whether the row stays for good: it has had an event, or its room was opened since there is this column. What earlier versions left
-- besides goes, if it is empty.
ALTER TABLE room ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
