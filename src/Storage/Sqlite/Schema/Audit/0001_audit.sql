-- Who sent which message from where. An id is never given twice: it is what pages go by.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    room      TEXT    NOT NULL COLLATE BINARY,
    seq       INTEGER NOT NULL,
    mid       TEXT    NOT NULL,
    author    TEXT    NOT NULL COLLATE BINARY,
    session   TEXT    NOT NULL,
    address   TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    is_repeat INTEGER NOT NULL
);
CREATE INDEX audit_message ON audit (room, seq);
CREATE INDEX audit_author ON audit (author);
CREATE INDEX audit_at ON audit (at);
