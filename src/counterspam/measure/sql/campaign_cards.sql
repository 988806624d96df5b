-- Question: How large are the listed campaigns, and over which channels, types and days do they run?
-- Numerator: messages and reports judged spam, per campaign part, channel and content type, with first and last time seen.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: first and last seen are by time of observation, the period by whole hours of receipt.
SELECT campaign,
       channel,
       content_type,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       toUnixTimestamp64Milli(min(rollup.first_seen)) AS first_seen,
       toUnixTimestamp64Milli(max(rollup.last_seen)) AS last_seen,
       max(rollup.synthetic) AS synthetic,
       groupUniqArrayArray(5)(rollup.contributors) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND campaign IN {parts:Array(UInt64)}
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY campaign, channel, content_type
ORDER BY messages DESC, campaign, channel, content_type
