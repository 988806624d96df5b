-- What analysts decided about evidence: rows are added and read, never changed; the last one of a piece of evidence counts.
-- No text of any message: what is learned from is read again from the raw evidence.

CREATE TABLE decisions (
    number        BIGINT PRIMARY KEY,        -- 1, 2, 3 ... in the order of decision
    evidence      TEXT NOT NULL,             -- its id
    decided_at    BIGINT NOT NULL,
    decided_by    TEXT NOT NULL,             -- id of the key
    spam          INTEGER NOT NULL,
    content_type  TEXT NOT NULL,             -- '' not said
    received_at   BIGINT NOT NULL,           -- of the evidence, as what follows
    jurisdiction  TEXT NOT NULL,
    channel       TEXT NOT NULL,
    source        TEXT NOT NULL,
    reporter      TEXT NOT NULL,             -- keyed pseudonym
    reported      INTEGER NOT NULL,          -- what the reporter said: 1 spam, 0 not spam, -1 nothing
    campaign      BIGINT NOT NULL,           -- 0 none
    was_spam      INTEGER NOT NULL,          -- the verdict that stood
    was_type      TEXT NOT NULL,
    probability   DOUBLE PRECISION NOT NULL,
    odds          DOUBLE PRECISION NOT NULL, -- what the learned check alone had said; 0 nothing
    model         TEXT NOT NULL,             -- version that judged
    synthetic     INTEGER NOT NULL
);
CREATE INDEX decisions_evidence ON decisions (evidence, number);
