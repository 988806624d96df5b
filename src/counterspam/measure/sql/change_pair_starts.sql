-- Question: In which hour did spam between these countries begin?
-- Numerator: none; the first hour since `recent` with a message judged spam, per channel, origin and destination.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: none needed.
-- Caveats: an hour of receipt (UTC).
SELECT channel, country, recipient_country, toUnixTimestamp(min(rollup.hour)) AS first
FROM places_hours AS rollup
WHERE rollup.hour >= toDateTime({recent:UInt32}, 'UTC') AND spam = 1
  AND country IN {origins:Array(String)} AND recipient_country IN {destinations:Array(String)}
GROUP BY channel, country, recipient_country
ORDER BY channel, country, recipient_country
