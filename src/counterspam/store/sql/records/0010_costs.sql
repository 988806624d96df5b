-- Saved scenarios of the cost model. A version is written once; only what was decided about it is filled in later.

CREATE TABLE cost_scenarios (
    id            TEXT NOT NULL,             -- 16 hexadecimal digits
    version       BIGINT NOT NULL,           -- from 1
    title         TEXT NOT NULL,
    country       TEXT NOT NULL,             -- ISO 3166 alpha-2, '' none
    asked         TEXT NOT NULL,             -- JSON: what the calculator was asked, as pairs of name and value
    result        TEXT NOT NULL,             -- JSON: the result at the time of saving, with all its inputs
    model         TEXT NOT NULL,             -- hash of the data and formulas that made it
    author        TEXT NOT NULL,             -- id of the account or key
    author_name   TEXT NOT NULL,
    created_at    BIGINT NOT NULL,           -- ms
    state         TEXT NOT NULL,             -- draft, published, refused, replaced
    decided_by    TEXT NOT NULL,
    decided_name  TEXT NOT NULL,
    decided_at    BIGINT NOT NULL,           -- ms, 0 not yet
    PRIMARY KEY (id, version)
);
CREATE INDEX cost_scenarios_country ON cost_scenarios (country, state);
CREATE INDEX cost_scenarios_created ON cost_scenarios (created_at);
