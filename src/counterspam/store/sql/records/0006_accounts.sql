-- Who may use the node by name, their open sessions, and what was done by whom.

CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,  -- what it signs in with, lower case
    display      TEXT NOT NULL,         -- as others read it
    roles        TEXT NOT NULL,         -- space-separated
    hash         TEXT NOT NULL,         -- argon2id; '' for one that signs in elsewhere only
    issuer       TEXT NOT NULL,         -- of OpenID Connect, '' for none
    subject      TEXT NOT NULL,         -- `sub` at that issuer
    created_at   BIGINT NOT NULL,
    last_used    BIGINT,
    disabled_at  BIGINT
);
CREATE INDEX accounts_subject ON accounts (issuer, subject);

CREATE TABLE sessions (
    hash        TEXT PRIMARY KEY,       -- SHA-256 of what the cookie holds
    account     TEXT NOT NULL,          -- id of an account, or of an API key
    kind        TEXT NOT NULL,          -- account or key
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE audit (
    number   BIGINT PRIMARY KEY,        -- 1, 2, 3 ... without gaps
    at       BIGINT NOT NULL,
    who      TEXT NOT NULL,             -- id of an account or key, 'local', or '' for nobody
    name     TEXT NOT NULL,             -- what it was called then
    action   TEXT NOT NULL,             -- noun.verb
    subject  TEXT NOT NULL,             -- what it was done to
    detail   TEXT NOT NULL,             -- JSON, nothing personal or secret in it
    mac      TEXT NOT NULL              -- keyed hash of this row and of the mac before
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (subject);
