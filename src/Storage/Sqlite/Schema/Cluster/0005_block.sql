-- Whom the operators keep out, and guests' sessions that were ended. Times are Unix milliseconds; the largest "until" is never.
CREATE TABLE block (
    kind   INTEGER NOT NULL,
    value  TEXT    NOT NULL COLLATE BINARY,
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    author TEXT    NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX block_until ON block (until);

-- Each change raises it: gateways ask every few seconds whether there is anything new.
CREATE TABLE block_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
);
INSERT INTO block_version (id, version) VALUES (1, 0);
