-- Question: K14: Which share of the spam with known transit came on routes unseen in the 30 days before?
-- Numerator: messages judged spam on routes (channel, country of origin, countries passed, country of the recipient) that carried no spam in the 30 days before the period, per channel.
-- Denominator: all messages judged spam of that channel with a known origin and transit.
-- Population: messages judged spam with a known origin.
-- Basis: every source kind together; routes whose transit is known, from `routes`.
-- Period: the scope's, by time of receipt in UTC, against the 30 days before it (from a midnight).
-- Deduplication: as volume_by_channel.
-- Caveats: new to this node: a new kind of reporter brings new routes too. Needs evidence of before the period; a history of less than 30 days makes more seem new, and the answer says so. An unknown destination counts as a destination. In a long period a route stays new to its end.
WITH known AS
(
    SELECT cityHash64(channel, country, transit, recipient_country) FROM routes_days AS rollup
    WHERE day >= toDateTime({since:UInt32}, 'UTC') AND day < toDateTime({midnight:UInt32}, 'UTC')
      AND spam = 1 AND rollup.country != '' AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    UNION ALL
    SELECT cityHash64(channel, country, transit, recipient_country) FROM routes_hours AS rollup
    WHERE hour >= toDateTime({midnight:UInt32}, 'UTC') AND hour < toDateTime({start:UInt32}, 'UTC')
      AND spam = 1 AND rollup.country != '' AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
)
SELECT via AS channel,
       'routes' AS basis,
       sumIf(messages, new) AS numerator,
       sum(messages) AS denominator,
       sumIf(reports, new) AS numerator_reports,
       sum(reports) AS denominator_reports,
       countIf(new) AS new_routes,
       count() AS routes,
       if(numerator = 0, length(groupUniqArrayArray(5)(people)), length(groupUniqArrayArrayIf(5)(people, new))) AS contributors,
       max(made_up) AS synthetic
FROM
(
    SELECT cityHash64(channel, country, transit, recipient_country) AS route, any(rollup.channel) AS via,
           sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
           groupUniqArrayArray(5)(rollup.contributors) AS people, max(rollup.synthetic) AS made_up,
           route NOT IN known AS new
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1 AND rollup.country != ''
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY route
)
GROUP BY via
ORDER BY via
