-- Question: K15: How long before the first user report did a sensor see the campaign?
-- Numerator: campaigns that a sensor (any source but users and questionnaires) observed at least 10 hours before the first user report.
-- Denominator: campaigns that both a sensor and a user saw.
-- Population: the up to 100 largest campaigns of the period.
-- Basis: trap, filter, call record and peer against report.
-- Period: campaigns active in the scope's period (by receipt), or in its last 30 days where it is longer; both first times from 90 days before it to the day in which it ends.
-- Deduplication: campaigns that turned out to be one count as one.
-- Caveats: by time of observation as the source gives it, users often days late. Campaigns that only one side saw are counted beside it. Jiang et al. found 72 % at least 10 hours ahead, for numbers of one network.
SELECT campaign,
       toUnixTimestamp64Milli(min(rollup.first_sensed)) AS first_sensed,
       toUnixTimestamp64Milli(min(rollup.first_reported)) AS first_reported,
       max(rollup.synthetic) AS synthetic
FROM campaign_days AS rollup
WHERE campaign IN {parts:Array(UInt64)}
  AND day >= toDateTime({start:UInt32}, 'UTC') AND day < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY campaign
ORDER BY campaign
