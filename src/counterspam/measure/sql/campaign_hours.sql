-- Question: How did this campaign develop, hour by hour?
-- Numerator: messages and reports, per hour of receipt, channel and content type.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: first and last seen are by time of observation, the hours by time of receipt (UTC).
SELECT toUnixTimestamp(hour) AS at,
       channel,
       content_type,
       spam,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       toUnixTimestamp64Milli(min(rollup.first_seen)) AS first_seen,
       toUnixTimestamp64Milli(max(rollup.last_seen)) AS last_seen,
       max(rollup.synthetic) AS synthetic
FROM campaigns_hours AS rollup
WHERE campaign IN {parts:Array(UInt64)}
  AND rollup.hour >= toDateTime({start:UInt32}, 'UTC') AND rollup.hour < toDateTime({end:UInt32}, 'UTC')
GROUP BY at, channel, content_type, spam
ORDER BY at, channel, content_type, spam
