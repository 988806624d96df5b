-- Question: From where to where does the spam travel?
-- Numerator: messages judged spam, per country of origin and country of the recipient.
-- Denominator: all spam in the period.
-- Basis: as origins_by_country; the destination is where the recipient or the reporting operator is; "" is unknown.
-- Deduplication: as volume_by_channel.
-- Caveats: destinations follow who reports here. Counted by whole hours of receipt. Cells with fewer than 5 contributors are added to "other".
SELECT country,
       recipient_country,
       sum(rollup.messages) AS spam_messages,
       sum(rollup.reports) AS spam_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY country, recipient_country
ORDER BY spam_messages DESC, country, recipient_country
