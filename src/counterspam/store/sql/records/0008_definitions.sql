-- National definitions of this node: one row a version. What a version says is fixed once it is published; its state and its
-- last day are not. Those that come with the software are files and not here.

CREATE TABLE definitions (
    id            TEXT NOT NULL,
    version       BIGINT NOT NULL,           -- from 1
    state         TEXT NOT NULL,             -- draft, proposed, published, superseded, refused
    jurisdiction  TEXT NOT NULL,             -- ISO 3166 alpha-2, '' none
    title         TEXT NOT NULL,
    language      TEXT NOT NULL,
    words         TEXT NOT NULL,
    expression    TEXT NOT NULL,
    valid_from    TEXT NOT NULL,             -- first day, ISO 8601; '' open
    valid_to      TEXT NOT NULL,             -- last day; '' open
    law           TEXT NOT NULL,
    sources       TEXT NOT NULL,             -- space-separated
    confidence    TEXT NOT NULL,
    note          TEXT NOT NULL,
    written_by    TEXT NOT NULL,             -- id of the account or key that wrote it last
    written_name  TEXT NOT NULL,
    written_at    BIGINT NOT NULL,
    decided_by    TEXT NOT NULL,             -- who published or refused it, '' nobody yet
    decided_name  TEXT NOT NULL,
    decided_at    BIGINT NOT NULL,
    remark        TEXT NOT NULL,             -- of who decided
    PRIMARY KEY (id, version)
);

CREATE TABLE definition_changes (            -- one row: what tells whether anything in force has changed
    number        BIGINT NOT NULL
);
INSERT INTO definition_changes (number) VALUES (0);
