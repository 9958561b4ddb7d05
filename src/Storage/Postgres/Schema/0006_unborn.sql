-- A room gets its row with its first event. What is to be known of it before is in the row of its slot, which it shares with all rooms
-- whose names lead there: see UnbornRooms. Each opening of such a room changes its slot's row, and no index has what changes.
CREATE TABLE unborn (
    slot     integer PRIMARY KEY,
    log      text    COLLATE "C" NOT NULL,
    epoch    bigint  NOT NULL,
    "view"   bigint  NOT NULL,
    timeline text    COLLATE "C" NOT NULL
)
WITH (fillfactor = 50);

-- Whether the row stays for good: it has had an event, or its room was opened since there is this column. What earlier versions left
-- besides goes, if it is empty.
ALTER TABLE room ADD COLUMN kept boolean NOT NULL DEFAULT FALSE;
