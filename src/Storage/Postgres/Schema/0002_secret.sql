CREATE TABLE secret (
    id    integer PRIMARY KEY CHECK (id = 1),
    value bytea   NOT NULL
);
