-- The questionnaire: waves, who is invited, their codes, every version of their answers, what was signed, reminded, released.

CREATE TABLE waves (
    id               TEXT PRIMARY KEY,    -- as it stands in addresses: 2026-1
    title            TEXT NOT NULL,
    definition       TEXT NOT NULL,       -- version of the questionnaire
    definition_hash  TEXT NOT NULL,
    period           TEXT NOT NULL,       -- that is asked about: 2026, 2026-H1, 2026-07
    opens_at         BIGINT NOT NULL,
    closes_at        BIGINT NOT NULL,
    reminder         TEXT NOT NULL,       -- text of reminders, {names} to be filled in
    synthetic        BIGINT NOT NULL,     -- 1: a demonstration, answered by nobody
    created_at       BIGINT NOT NULL,
    created_by       TEXT NOT NULL
);

CREATE TABLE invitations (
    id          TEXT PRIMARY KEY,         -- 16 hex digits, no secret
    wave        TEXT NOT NULL REFERENCES waves (id),
    member      TEXT NOT NULL,            -- name of the organisation
    country     TEXT NOT NULL,
    role        TEXT NOT NULL,
    size        TEXT NOT NULL,
    contact     TEXT NOT NULL,            -- mail address for reminders, may be ''
    account     TEXT NOT NULL,            -- id of an account or key that may answer, may be ''
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    revoked_at  BIGINT NOT NULL,          -- 0: it stands
    UNIQUE (wave, member, country)
);

CREATE TABLE answer_codes (
    hash        TEXT PRIMARY KEY,         -- SHA-256 of the code, which nobody keeps
    invitation  TEXT NOT NULL REFERENCES invitations (id),
    section     TEXT NOT NULL,            -- the only one that it opens, '' all
    label       TEXT NOT NULL,            -- for whom
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    used_at     BIGINT NOT NULL,          -- first, 0 never
    revoked_at  BIGINT NOT NULL
);
CREATE INDEX answer_codes_invitation ON answer_codes (invitation);

-- Added, never changed: all answers as they stood after each save.
CREATE TABLE answer_versions (
    invitation  TEXT NOT NULL REFERENCES invitations (id),
    version     BIGINT NOT NULL,          -- from 1
    saved_at    BIGINT NOT NULL,
    saved_by    TEXT NOT NULL,            -- id of an account, 'code' with the beginning of its hash, or 'local'
    way         TEXT NOT NULL,            -- web, file or api
    section     TEXT NOT NULL,            -- '' several
    content     TEXT NOT NULL,            -- JSON: texts by key
    PRIMARY KEY (invitation, version)
);

-- Added, never changed: signed, or opened again.
CREATE TABLE answer_acts (
    invitation  TEXT NOT NULL REFERENCES invitations (id),
    number      BIGINT NOT NULL,          -- from 1
    act         TEXT NOT NULL,            -- sign or reopen
    version     BIGINT NOT NULL,          -- of the answers
    at          BIGINT NOT NULL,
    by          TEXT NOT NULL,
    name        TEXT NOT NULL,            -- of who signs, as stated
    reason      TEXT NOT NULL,
    PRIMARY KEY (invitation, number)
);

CREATE TABLE reminders (
    invitation  TEXT NOT NULL REFERENCES invitations (id),
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    by          TEXT NOT NULL,
    way         TEXT NOT NULL,            -- mail or text
    error       TEXT NOT NULL,            -- '' when it was handed over
    PRIMARY KEY (invitation, number)
);

-- Tables of a wave as they were prepared; the content never changes, the decision is made once.
CREATE TABLE wave_releases (
    wave         TEXT NOT NULL REFERENCES waves (id),
    number       BIGINT NOT NULL,
    prepared_at  BIGINT NOT NULL,
    prepared_by  TEXT NOT NULL,
    hash         TEXT NOT NULL,           -- SHA-256 of the content
    content      TEXT NOT NULL,           -- canonical JSON
    decision     TEXT NOT NULL,           -- '', approved or refused
    decided_at   BIGINT NOT NULL,
    decided_by   TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (wave, number)
);
