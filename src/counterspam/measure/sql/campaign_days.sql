-- Question: How did this campaign develop, day by day?
-- Numerator: messages and reports, per day of receipt, channel and content type.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: first and last seen are by time of observation, the days by time of receipt (UTC).
SELECT toUnixTimestamp(day) AS at,
       channel,
       content_type,
       spam,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       toUnixTimestamp64Milli(min(rollup.first_seen)) AS first_seen,
       toUnixTimestamp64Milli(max(rollup.last_seen)) AS last_seen,
       max(rollup.synthetic) AS synthetic,
       groupUniqArrayArray(5)(rollup.contributors) AS contributors
FROM campaign_days AS rollup
WHERE campaign IN {parts:Array(UInt64)}
GROUP BY at, channel, content_type, spam
ORDER BY at, channel, content_type, spam
