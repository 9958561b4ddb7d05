-- The number of the view; each change of the list of nodes raises it by one.
CREATE TABLE membership (
    id     integer PRIMARY KEY CHECK (id = 1),
    "view" bigint  NOT NULL
);
INSERT INTO membership (id, "view") VALUES (1, 0);

-- A counter changes each second, and no index has it: with free space in its page a row's new version stays there (HOT).
CREATE TABLE node (
    name        text   COLLATE "C" PRIMARY KEY,
    incarnation text   COLLATE "C" NOT NULL,
    roles       integer NOT NULL,
    address     text   COLLATE "C" NOT NULL,
    heartbeat   bigint NOT NULL
)
WITH (fillfactor = 50);

-- Both are "name/incarnation". Votes of nodes that are gone count for nothing; the next change deletes them.
CREATE TABLE vote (
    suspect text COLLATE "C" NOT NULL,
    voter   text COLLATE "C" NOT NULL,
    PRIMARY KEY (suspect, voter)
);
