-- Reports: drafts and their versions, the frozen data they are made from, their files, and who did what to them.

CREATE TABLE report_snapshots (
    id        TEXT PRIMARY KEY,          -- SHA-256 of the content
    taken_at  BIGINT NOT NULL,
    software  TEXT NOT NULL,             -- version that asked
    content   BYTEA NOT NULL             -- zstd frame of canonical JSON
);

CREATE TABLE reports (
    id          TEXT NOT NULL,
    version     BIGINT NOT NULL,         -- from 1; the next begins as a copy of a released one
    kind        TEXT NOT NULL,
    period      TEXT NOT NULL,           -- 2026-H1 and so on
    country     TEXT NOT NULL,           -- ISO 3166 alpha-2, '' none
    operator    TEXT NOT NULL,           -- '' none
    topic       TEXT NOT NULL,           -- of a barometer
    audience    TEXT NOT NULL,           -- public, members or operator
    tlp         TEXT NOT NULL,
    exact       BIGINT NOT NULL,         -- 1: figures are exact
    synthetic   BIGINT NOT NULL,         -- 1: what was made up is counted
    author      TEXT NOT NULL,           -- language of what was typed
    languages   TEXT NOT NULL,           -- that files are made in, space-separated
    fields      TEXT NOT NULL,           -- JSON: what was typed
    state       TEXT NOT NULL,           -- draft, submitted, reviewed, signed-off or released
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    built_at    BIGINT NOT NULL,         -- 0: there are no files that fit what was typed
    snapshot    TEXT NOT NULL,           -- '' before the first build
    software    TEXT NOT NULL,           -- version that made the files
    PRIMARY KEY (id, version)
);
CREATE INDEX reports_changed ON reports (changed_at);

CREATE TABLE report_files (
    report   TEXT NOT NULL,
    version  BIGINT NOT NULL,
    name     TEXT NOT NULL,              -- fr.pdf and so on
    sha256   TEXT NOT NULL,
    size     BIGINT NOT NULL,
    content  BYTEA NOT NULL,
    PRIMARY KEY (report, version, name)
);

CREATE TABLE report_log (
    number   BIGINT PRIMARY KEY,         -- 1, 2, 3 ...; rows are added, never changed
    report   TEXT NOT NULL,
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    who      TEXT NOT NULL,
    name     TEXT NOT NULL,              -- what it was called then
    act      TEXT NOT NULL,              -- written, built, submitted, reviewed, signed-off, released, returned
    note     TEXT NOT NULL,
    files    TEXT NOT NULL               -- JSON: SHA-256 of each file at that moment, by name
);
CREATE INDEX report_log_of ON report_log (report, version);
