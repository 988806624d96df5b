-- Records of a node, for SQLite and PostgreSQL alike. Times are milliseconds since 1970 UTC.

CREATE TABLE progress (
    node         TEXT PRIMARY KEY,
    segment      BIGINT NOT NULL,       -- spool position up to which everything is stored
    offset_      BIGINT NOT NULL,
    batch        BIGINT NOT NULL,       -- number of the batch that begins there
    part         BIGINT NOT NULL,       -- parts of that batch that are stored
    end_segment  BIGINT NOT NULL,       -- where that batch ends, fixed before its first part is stored
    end_offset   BIGINT NOT NULL
);

CREATE TABLE campaigns (
    id           BIGINT PRIMARY KEY,    -- least key of the component
    title        TEXT NOT NULL,         -- masked
    exemplar     TEXT NOT NULL,         -- evidence id
    channel      TEXT NOT NULL,
    first_seen   BIGINT NOT NULL,
    last_seen    BIGINT NOT NULL,
    messages     BIGINT NOT NULL,
    reports      BIGINT NOT NULL,
    merged_into  BIGINT                 -- set when it became part of another, which then has its totals
);
CREATE INDEX campaigns_last ON campaigns (last_seen);
CREATE INDEX campaigns_merged ON campaigns (merged_into);

CREATE TABLE rejected (
    id           TEXT PRIMARY KEY,
    received_at  BIGINT NOT NULL,
    intake       TEXT NOT NULL,
    name         TEXT NOT NULL,
    format       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    blob         TEXT NOT NULL,
    record       BIGINT NOT NULL,
    excerpt      TEXT NOT NULL,         -- masked
    state        TEXT NOT NULL          -- open, retried, dismissed
);
CREATE INDEX rejected_received ON rejected (received_at);

CREATE TABLE intake (
    intake     TEXT NOT NULL,
    format     TEXT NOT NULL,
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    items      BIGINT NOT NULL,         -- raw items worked off
    read_      BIGINT NOT NULL,         -- records read = accepted + duplicate + rejected
    accepted   BIGINT NOT NULL,
    duplicate  BIGINT NOT NULL,
    rejected   BIGINT NOT NULL,
    rows_      BIGINT NOT NULL,         -- rows in the event store; fewer than accepted where records were aggregated
    messages   BIGINT NOT NULL,         -- sum of counts of the accepted
    PRIMARY KEY (intake, format)
);

CREATE TABLE api_keys (
    id          TEXT PRIMARY KEY,
    label       TEXT NOT NULL,
    hash        TEXT NOT NULL,          -- SHA-256 of the secret
    scopes      TEXT NOT NULL,          -- space-separated
    reporter    TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    last_used   BIGINT,
    revoked_at  BIGINT
);
