-- Training: the progress of accounts, counts of tries, workshops with numbers of people, and what certificates were issued.
-- Nothing here names a learner: who has no account keeps the progress on the own device.

CREATE TABLE training_progress (
    account    TEXT NOT NULL,             -- id
    module     TEXT NOT NULL,             -- id
    audience   TEXT NOT NULL,             -- of the questions; '' all
    score      BIGINT NOT NULL,           -- best, per cent
    passed_at  BIGINT NOT NULL,           -- ms, 0 not yet
    tries      BIGINT NOT NULL,
    PRIMARY KEY (account, module, audience)
);

CREATE TABLE training_counts (
    month      TEXT NOT NULL,             -- 2026-10
    module     TEXT NOT NULL,
    audience   TEXT NOT NULL,             -- policy, operator, user, '' all
    region     TEXT NOT NULL,             -- UN M49 of a continent, '' not said
    tries      BIGINT NOT NULL,
    completed  BIGINT NOT NULL,           -- first passes of an account or a device
    PRIMARY KEY (month, module, audience, region)
);

CREATE TABLE training_workshops (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,            -- workshop, webinar
    title       TEXT NOT NULL,
    lang        TEXT NOT NULL,            -- that it is held in
    audience    TEXT NOT NULL,
    region      TEXT NOT NULL,
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    place       TEXT NOT NULL,
    url         TEXT NOT NULL,
    summary     TEXT NOT NULL,
    cancelled   INTEGER NOT NULL,
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,          -- from 0, counts changes
    answers     BIGINT NOT NULL,          -- people who said how it was
    score       DOUBLE PRECISION NOT NULL -- mean of what they said, 1 to 5; 0 without answers
);
CREATE INDEX training_workshops_start ON training_workshops (starts_at, id);

CREATE TABLE training_attendance (
    workshop   TEXT NOT NULL,
    audience   TEXT NOT NULL,
    region     TEXT NOT NULL,
    gender     TEXT NOT NULL,             -- women, men, other, '' not asked
    people     BIGINT NOT NULL,
    PRIMARY KEY (workshop, audience, region, gender)
);

CREATE TABLE training_certificates (
    hash       TEXT PRIMARY KEY,          -- SHA-256 of the code, which only the learner has
    subject    TEXT NOT NULL,             -- id of the module, or path-AUDIENCE
    issued_at  BIGINT NOT NULL,
    key        TEXT NOT NULL              -- id of the key that signed it
);
