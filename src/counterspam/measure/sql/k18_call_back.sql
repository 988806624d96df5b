-- Question: K18: How exposed are people to calls that want to be called back?
-- Numerator: calls judged to be short rings, per channel (voice).
-- Denominator: all calls seen on that channel.
-- Population: calls that users report and that call records and filters hold.
-- Basis: every source kind together: the rollup does not keep them apart.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: an attempt, not a loss: how many called back, for how long and at which charge is in no evidence yet.
SELECT channel,
       'calls' AS basis,
       sumIf(rollup.messages, technique = 'short-ring') AS numerator,
       sum(rollup.messages) AS denominator,
       sumIf(rollup.reports, technique = 'short-ring') AS numerator_reports,
       sum(rollup.reports) AS denominator_reports,
       if(numerator = 0, length(groupUniqArrayArray(5)(rollup.contributors)),
          length(groupUniqArrayArrayIf(5)(rollup.contributors, technique = 'short-ring'))) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND channel = 'voice'  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}

GROUP BY channel
