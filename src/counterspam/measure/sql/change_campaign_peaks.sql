-- Question: How large did new campaigns become within one hour of their first two days, in the weeks before?
-- Numerator: messages judged spam in the largest hour of each of the 500 largest campaigns that began in the period.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel; campaigns that merged later count as they were.
-- Caveats: campaigns that were told as changes are left out. Tells how large a new campaign must be to be out of the ordinary on this node.
WITH started AS
(
    SELECT campaign, min(day) AS first
    FROM
    (
        SELECT campaign, day, sum(rollup.messages) AS daily
        FROM campaign_rank_days AS rollup
        WHERE rollup.day >= toDateTime({start:UInt32}, 'UTC') AND rollup.day < toDateTime({end:UInt32}, 'UTC')
          AND NOT has({known:Array(UInt64)}, campaign)
        GROUP BY campaign, day
    )
    GROUP BY campaign
    HAVING first > toDateTime({start:UInt32}, 'UTC')
    ORDER BY sum(daily) DESC
    LIMIT 500
)
SELECT max(hourly) AS messages
FROM
(
    SELECT campaign, hour, sum(rollup.messages) AS hourly
    FROM campaigns_hours AS rollup
    WHERE rollup.hour >= toDateTime({start:UInt32}, 'UTC') AND rollup.hour < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1 AND campaign IN (SELECT campaign FROM started)
    GROUP BY campaign, hour
) AS hours
INNER JOIN started ON started.campaign = hours.campaign
WHERE hours.hour < started.first + INTERVAL 2 DAY
GROUP BY hours.campaign
ORDER BY messages DESC
