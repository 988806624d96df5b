-- Changes that were found, and to whom each was told.

CREATE TABLE changes (
    id                 TEXT PRIMARY KEY,
    kind               TEXT NOT NULL,
    channel            TEXT NOT NULL,
    content_type       TEXT NOT NULL,
    country            TEXT NOT NULL,
    recipient_country  TEXT NOT NULL,
    transit            TEXT NOT NULL,             -- countries passed, joined by '-'
    campaign           BIGINT NOT NULL,           -- 0 none
    source             TEXT NOT NULL,
    found_at           BIGINT NOT NULL,
    began_at           BIGINT NOT NULL,           -- estimated
    seen_at            BIGINT NOT NULL,           -- last look at which it was not as usual
    ended_at           BIGINT NOT NULL,           -- 0 still open
    span               BIGINT NOT NULL,           -- milliseconds that observed covers
    observed           DOUBLE PRECISION NOT NULL,
    expected           DOUBLE PRECISION NOT NULL,
    low                DOUBLE PRECISION NOT NULL,
    high               DOUBLE PRECISION NOT NULL,
    score              DOUBLE PRECISION NOT NULL,
    reports            BIGINT NOT NULL,
    synthetic          INTEGER NOT NULL,
    state              TEXT NOT NULL              -- open, over
);
CREATE INDEX changes_found ON changes (found_at);
CREATE UNIQUE INDEX changes_open
    ON changes (kind, channel, content_type, country, recipient_country, transit, campaign, source) WHERE state = 'open';

CREATE TABLE change_deliveries (
    change   TEXT NOT NULL,
    state    TEXT NOT NULL,                       -- what was to be told: that it is open, or over
    target   TEXT NOT NULL,
    tries    BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,                     -- not to be tried before
    done_at  BIGINT NOT NULL,                     -- 0 not delivered yet
    error    TEXT NOT NULL,
    PRIMARY KEY (change, state, target)
);
CREATE INDEX change_deliveries_target ON change_deliveries (target, done_at);
