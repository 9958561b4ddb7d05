-- The nodes. Its view counter is the row of "membership", which went on from the table of nodes before this one: rooms
-- in the journal were opened under its numbers.
CREATE TABLE cluster_node (
    address TEXT    NOT NULL,
    uid     INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    roles   TEXT    NOT NULL,
    state   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (address, uid)
) WITHOUT ROWID;
