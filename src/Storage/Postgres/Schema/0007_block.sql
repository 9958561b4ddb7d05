-- Whom the operators keep out, and guests' sessions that were ended. Times are Unix milliseconds; the largest "until" is never.
CREATE TABLE block (
    kind    smallint NOT NULL,
    "value" text     COLLATE "C" NOT NULL,
    since   bigint   NOT NULL,
    "until" bigint   NOT NULL,
    reason  text     COLLATE "C" NOT NULL,
    author  text     COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, "value")
);
CREATE INDEX block_until ON block ("until");

-- Each change raises it: gateways ask every few seconds whether there is anything new.
CREATE TABLE block_version (
    id        integer PRIMARY KEY CHECK (id = 1),
    "version" bigint  NOT NULL
);
INSERT INTO block_version (id, "version") VALUES (1, 0);
