-- Who sent which message from where; empty unless the audit is on. Rows are only inserted, and at the old end deleted.
CREATE TABLE audit (
    id        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room      text    COLLATE "C" NOT NULL,
    seq       bigint  NOT NULL,
    mid       text    COLLATE "C" NOT NULL,
    author    text    COLLATE "C" NOT NULL,
    session   text    COLLATE "C" NOT NULL,
    address   text    COLLATE "C" NOT NULL,
    at        bigint  NOT NULL,
    is_repeat boolean NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE INDEX audit_message ON audit (room, seq, id);
CREATE INDEX audit_author ON audit (author, id);
CREATE INDEX audit_at ON audit (at);
