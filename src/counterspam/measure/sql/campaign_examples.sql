-- Question: What does a message of each listed campaign look like?
-- Numerator: none; one masked example per campaign part.
-- Denominator: none.
-- Basis: the newest evidence of the hour and channel asked for.
-- Deduplication: one row per campaign part.
-- Caveats: texts of one campaign vary; the campaign page lists the variants.
SELECT campaign, subject, excerpt
FROM events
WHERE channel IN {channels:Array(String)}
  AND toStartOfHour(received_at) IN arrayMap(hour -> toDateTime(hour, 'UTC'), {hours:Array(UInt32)})
  AND campaign IN {parts:Array(UInt64)}
ORDER BY received_at DESC
LIMIT 1 BY campaign
