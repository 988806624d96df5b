-- The repository of laws, practices and bodies: what was proposed, decided and published; and what was said of the action plan.
-- Rows of entry_versions change once, when they are decided; those of plan are added only. What is shipped is in files.

CREATE TABLE entry_versions (
    number         BIGINT PRIMARY KEY,        -- 1, 2, 3 ... in the order of proposal
    kind           TEXT NOT NULL,             -- laws, practices, bodies
    id             TEXT NOT NULL,             -- of the entry
    base           BIGINT NOT NULL,           -- version that the proposal was made on; 0 the shipped one, -1 there was none
    version        BIGINT NOT NULL,           -- 0 until it is published, then 1, 2, 3 ...
    state          TEXT NOT NULL,             -- proposed, published, refused, withdrawn
    content        TEXT NOT NULL,             -- JSON, the whole entry
    comment        TEXT NOT NULL,             -- what the author says of it
    author         TEXT NOT NULL,             -- id of an account or key, '' for the public
    author_name    TEXT NOT NULL,             -- as the author was called, or called itself
    contact        TEXT NOT NULL,             -- e-mail for questions, '' none; emptied when it is decided
    proposed_at    BIGINT NOT NULL,
    decided_at     BIGINT NOT NULL,           -- 0 not yet
    approver       TEXT NOT NULL,
    approver_name  TEXT NOT NULL,
    reason         TEXT NOT NULL              -- of the decision
);
CREATE INDEX entry_versions_id ON entry_versions (kind, id, number);
CREATE INDEX entry_versions_state ON entry_versions (state, number);

CREATE TABLE plan (
    number       BIGINT PRIMARY KEY,          -- 1, 2, 3 ... in the order of saying
    item         TEXT NOT NULL,
    status       TEXT NOT NULL,               -- not-started, planned, in-progress, done, not-applicable
    responsible  TEXT NOT NULL,
    due          TEXT NOT NULL,               -- ISO date, '' not said
    note         TEXT NOT NULL,
    said_at      BIGINT NOT NULL,
    said_by      TEXT NOT NULL,
    said_name    TEXT NOT NULL
);
CREATE INDEX plan_item ON plan (item, number);
