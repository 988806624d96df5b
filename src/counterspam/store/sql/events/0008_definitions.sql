-- What national definitions ask for, and what they answered when the evidence was stored.

ALTER TABLE events ADD COLUMN IF NOT EXISTS traits LowCardinality(String); -- manners of the text: text opt-out labelled
ALTER TABLE events ADD COLUMN IF NOT EXISTS seen_24h UInt32; -- messages of the campaign in that time, this one included; 0 unknown
ALTER TABLE events ADD COLUMN IF NOT EXISTS seen_30d UInt32;
ALTER TABLE events ADD COLUMN IF NOT EXISTS seen_365d UInt32;
ALTER TABLE events ADD COLUMN IF NOT EXISTS definitions Array(LowCardinality(String)); -- versions that it meets
ALTER TABLE events ADD COLUMN IF NOT EXISTS judged_under LowCardinality(String); -- versions that judged it, with ? where they could not tell
