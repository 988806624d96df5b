-- Question: From when to when does the evidence reach, and how much is there?
-- Numerator: records stored, first and last time of receipt.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: answered from the table's own bookkeeping, without reading rows.
SELECT (SELECT count() FROM events) AS reports,
       (SELECT toUnixTimestamp(min(minute)) FROM volume_minutes) AS first,
       (SELECT toUnixTimestamp(max(minute)) FROM volume_minutes) AS last
