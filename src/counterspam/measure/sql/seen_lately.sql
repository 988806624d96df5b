-- Question: How many messages of each campaign reached this node in the last 24 hours, 30 days and 365 days?
-- Numerator: messages of the campaign, counted by whole hours and whole days that lie in that time, so that none counts too much.
-- Denominator: none, this is a count.
-- Basis: every source kind together; a campaign shares a text, a link, a number or a sender.
-- Deduplication: as volume_by_channel.
-- Caveats: at least so many: the node is given a part of what is sent, and what was merged into the campaign just now is missing.
SELECT campaign, sum(of_day) AS in_24h, sum(of_month) AS in_30d, sum(of_year) AS in_365d
FROM (
    SELECT campaign, sum(rollup.messages) AS of_day, 0 AS of_month, 0 AS of_year
    FROM campaigns_hours AS rollup
    WHERE hour >= toDateTime({day:UInt32}, 'UTC') AND campaign IN {parts:Array(UInt64)}
    GROUP BY campaign
    UNION ALL
    SELECT campaign, 0, sumIf(rollup.messages, day >= toDateTime({month:UInt32}, 'UTC')), sum(rollup.messages)
    FROM campaign_days AS rollup
    WHERE day >= toDateTime({year:UInt32}, 'UTC') AND campaign IN {parts:Array(UInt64)}
    GROUP BY campaign
)
GROUP BY campaign
