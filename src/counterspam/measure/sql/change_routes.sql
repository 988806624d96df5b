-- Question: Which routes with known transit carry spam now and did not in the 30 days before?
-- Numerator: messages and reports judged spam since `recent`, per channel, origin, countries passed and destination, where there were none from `start` to `recent`.
-- Denominator: none, these are counts.
-- Basis: trusted hops of mail and the relays that SMS and call records name.
-- Deduplication: as volume_by_channel.
-- Caveats: `recent` is a midnight (UTC), so "now" is one to two days. Most evidence names no transit. Routes under 5 contributors are not listed.
SELECT channel,
       country,
       transit,
       recipient_country,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       toUnixTimestamp(min(rollup.hour)) AS first,
       length(groupUniqArrayArrayIf(5)(rollup.contributors, rollup.hour >= toDateTime({recent:UInt32}, 'UTC'))) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM routes_hours AS rollup
WHERE rollup.hour >= toDateTime({start:UInt32}, 'UTC') AND rollup.hour < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND country != ''
GROUP BY channel, country, transit, recipient_country
HAVING first >= {recent:UInt32} AND messages >= {messages:UInt32} AND contributors >= {least:UInt32}
ORDER BY messages DESC, channel, country, transit, recipient_country
LIMIT 100
