-- Questionnaires that this node wrote: one row a version, and who did what to it. Those that come with the software are files.

CREATE TABLE forms (
    version       TEXT PRIMARY KEY,      -- as waves name it: ci-operators-2026
    state         TEXT NOT NULL,         -- draft, proposed, published, refused; a published one is never changed
    derived_from  TEXT NOT NULL,         -- version that it was made from, '' none
    title         TEXT NOT NULL,
    content       TEXT NOT NULL,         -- YAML as it was given, with its translations
    hash          TEXT NOT NULL,         -- SHA-256 of the content
    written_by    TEXT NOT NULL,         -- id of the account or key that wrote it last
    written_name  TEXT NOT NULL,
    written_at    BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL        -- 0 while it is open
);

CREATE TABLE form_acts (                 -- rows are added, never changed
    version  TEXT NOT NULL REFERENCES forms (version),
    number   BIGINT NOT NULL,            -- from 1
    act      TEXT NOT NULL,              -- write, propose, publish or refuse
    at       BIGINT NOT NULL,
    by       TEXT NOT NULL,
    name     TEXT NOT NULL,              -- what it was called then
    hash     TEXT NOT NULL,              -- of the content that the act is about
    remark   TEXT NOT NULL,
    PRIMARY KEY (version, number)
);
