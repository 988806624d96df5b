-- The two large tables. SQLite keeps each in one B-tree by these spellings.

CREATE TABLE seen (
    key_   BLOB PRIMARY KEY,            -- identity of evidence, 16 bytes
    owner  BLOB NOT NULL                -- evidence id, or raw id for keys that a whole item shares, 16 bytes
) WITHOUT ROWID;

CREATE TABLE campaign_keys (
    key_      INTEGER PRIMARY KEY,      -- 63 bits
    campaign  INTEGER NOT NULL          -- as it was when the key came; see campaigns.merged_into
);
