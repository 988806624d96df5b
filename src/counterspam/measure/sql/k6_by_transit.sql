-- Question: K6: Over which countries did the spam come, where the evidence tells?
-- Numerator: messages judged spam, per channel and countries passed.
-- Denominator: all messages judged spam of that channel whose evidence names the countries passed.
-- Population: spam with known transit.
-- Basis: every source kind together: trusted hops of mail and the relays that SMS and call records name.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: most evidence names no transit. The greatest of each channel are listed.
SELECT channel,
       'transit' AS basis,
       transit,
       sum(rollup.messages) AS numerator,
       sum(sum(rollup.messages)) OVER (PARTITION BY channel) AS denominator,
       sum(rollup.reports) AS numerator_reports,
       sum(sum(rollup.reports)) OVER (PARTITION BY channel) AS denominator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, transit
ORDER BY channel, numerator DESC, transit
LIMIT {limit:UInt32} BY channel
