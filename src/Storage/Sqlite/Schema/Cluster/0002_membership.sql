-- The number of the view; each change of the list of nodes raises it by one.
CREATE TABLE membership (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    view INTEGER NOT NULL
);
INSERT INTO membership (id, view) VALUES (1, 0);

CREATE TABLE node (
    name        TEXT    PRIMARY KEY,
    incarnation TEXT    NOT NULL,
    roles       INTEGER NOT NULL,
    address     TEXT    NOT NULL,
    heartbeat   INTEGER NOT NULL
) WITHOUT ROWID;

-- Both are "name/incarnation". Rows of nodes that are gone are deleted with the node.
CREATE TABLE vote (
    suspect TEXT NOT NULL,
    voter   TEXT NOT NULL,
    PRIMARY KEY (suspect, voter)
) WITHOUT ROWID;
