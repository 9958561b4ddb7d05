-- The nodes. Its view counter is the row of "membership", which went on from the table of nodes before this one: rooms
-- in the journal were opened under its numbers.
CREATE TABLE cluster_node (
    address text    COLLATE "C" NOT NULL,
    uid     integer NOT NULL,
    name    text    COLLATE "C" NOT NULL,
    roles   text    COLLATE "C" NOT NULL,
    state   integer NOT NULL,
    since   bigint  NOT NULL,
    PRIMARY KEY (address, uid)
);
