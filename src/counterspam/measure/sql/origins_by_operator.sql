-- Question: From the number ranges of which operators did the spam come?
-- Numerator: messages and calls judged spam, per carrier or range holder and country.
-- Denominator: all spam in the period.
-- Basis: the number shown as sender; "" is unknown.
-- Deduplication: as volume_by_channel.
-- Caveats: the number shown may be forged or ported; presence here is no accusation of the operator. Rows with fewer than 5 contributors are not listed.
SELECT operator,
       country,
       sum(rollup.messages) AS spam_messages,
       sum(rollup.reports) AS spam_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND operator != ''
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY operator, country
HAVING contributors >= {least:UInt32}
ORDER BY spam_messages DESC, operator, country
LIMIT {limit:UInt32}
