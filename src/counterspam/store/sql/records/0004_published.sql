-- Published periods: rows are added and read, never changed or deleted.

CREATE TABLE published (
    period        TEXT NOT NULL,             -- 2026-10, 2026-H1, 2026, 2026-W41
    revision      BIGINT NOT NULL,           -- from 1
    starts_at     BIGINT NOT NULL,
    ends_at       BIGINT NOT NULL,           -- not part of it
    published_at  BIGINT NOT NULL,
    published_by  TEXT NOT NULL,             -- id of the key
    software      TEXT NOT NULL,             -- version
    definitions   TEXT NOT NULL,             -- hash of what the figures are made by
    reason        TEXT NOT NULL,             -- of the revision; may be empty for the first
    snapshot      TEXT NOT NULL,             -- SHA-256 of the content
    last_updated  BIGINT NOT NULL,           -- when the latest evidence had arrived
    tables        TEXT NOT NULL,             -- that differ from the revision before, space-separated
    added         BIGINT NOT NULL,           -- figures that the revision before does not have,
    removed       BIGINT NOT NULL,           -- that only the revision before has,
    changed       BIGINT NOT NULL,           -- that have other values
    content       BYTEA NOT NULL,            -- zstd frame of canonical JSON
    PRIMARY KEY (period, revision)
);
