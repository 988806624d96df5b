-- Question: From which countries was the spam sent?
-- Numerator: messages judged spam, per country of origin.
-- Denominator: all messages from that country that reached this node, shown beside; the share is of all spam in the period.
-- Basis: the injecting address (mail), the number (calls, SMS) or the route that the record names; "" is unknown and is shown.
-- Deduplication: as volume_by_channel.
-- Caveats: where it was handed in, not where the author is; numbers and headers can be forged. Counted by whole hours of receipt. Counts of one node do not rank countries. Rows with fewer than 5 contributors are added together before they are shown; a record without a reporter counts as a contributor of its own.
SELECT country,
       sumIf(rollup.messages, spam = 1) AS spam_messages,
       sumIf(rollup.reports, spam = 1) AS spam_reports,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       length(groupUniqArrayArrayIf(5)(rollup.contributors, spam = 1)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY country
ORDER BY spam_messages DESC, country
