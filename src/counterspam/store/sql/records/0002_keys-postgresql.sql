-- The two large tables.

CREATE TABLE seen (
    key_   BYTEA PRIMARY KEY,           -- identity of evidence, 16 bytes
    owner  BYTEA NOT NULL               -- evidence id, or raw id for keys that a whole item shares, 16 bytes
);

CREATE TABLE campaign_keys (
    key_      BIGINT PRIMARY KEY,       -- 63 bits
    campaign  BIGINT NOT NULL           -- as it was when the key came; see campaigns.merged_into
);
