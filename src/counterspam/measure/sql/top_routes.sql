-- Question: Which routes with known transit carried most spam?
-- Numerator: messages judged spam, per origin, countries passed, and destination.
-- Denominator: all spam in the period.
-- Basis: trusted hops of mail and the relays that SMS and call records name.
-- Deduplication: as volume_by_channel.
-- Caveats: most evidence names no transit; only routes that do are listed. Rows with fewer than 5 contributors are not listed.
SELECT country,
       transit,
       recipient_country,
       sum(rollup.messages) AS spam_messages,
       sum(rollup.reports) AS spam_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND notEmpty(transit)
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY country, transit, recipient_country
HAVING contributors >= {least:UInt32}
ORDER BY spam_messages DESC, country, transit, recipient_country
LIMIT {limit:UInt32}
