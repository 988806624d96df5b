-- Question: From where to where does the spam travel?
-- Numerator: messages judged spam, per country of origin and country of the recipient.
-- Denominator: all spam in the period.
-- Basis: as origins_by_country; the destination is where the recipient or the reporting operator is; "" is unknown.
-- Deduplication: as volume_by_channel.
-- Caveats: destinations follow who reports here. Counted by whole hours of receipt. Cells under 5 reports are added to "other".
SELECT country,
       recipient_country,
       sum(rollup.messages) AS spam_messages,
       sum(rollup.reports) AS spam_reports
FROM country_hours AS rollup
WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY country, recipient_country
ORDER BY spam_messages DESC, country, recipient_country
