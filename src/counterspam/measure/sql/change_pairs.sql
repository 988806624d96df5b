-- Question: Which pairs of origin and destination carry spam now and did not in the 30 days before?
-- Numerator: messages and reports judged spam since `recent`, per channel, origin and destination, where there were none from `start` to `recent`.
-- Denominator: none, these are counts.
-- Basis: every source kind together; both ends must be known.
-- Deduplication: as volume_by_channel.
-- Caveats: `recent` is a midnight (UTC), so "now" is one to two days. Pairs under 5 contributors are not listed.
SELECT channel,
       country,
       recipient_country,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       toUnixTimestamp(min(rollup.day)) AS first,
       length(groupUniqArrayArrayIf(5)(rollup.contributors, rollup.day >= toDateTime({recent:UInt32}, 'UTC'))) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM places_days AS rollup
WHERE rollup.day >= toDateTime({start:UInt32}, 'UTC') AND rollup.day < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND country != '' AND recipient_country != ''
GROUP BY channel, country, recipient_country
HAVING first >= {recent:UInt32} AND messages >= {messages:UInt32} AND contributors >= {least:UInt32}
ORDER BY messages DESC, channel, country, recipient_country
LIMIT 100
