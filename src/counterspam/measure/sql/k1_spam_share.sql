-- Question: K1: Which share of all messages seen was spam, per channel?
-- Numerator: messages judged spam, per channel and source kind.
-- Denominator: all messages of that channel and source kind.
-- Population: what each kind of observer sees: users what they report, traps what is sent to nobody, filters and call records the traffic of their own network.
-- Basis: one row per source kind (report, trap, filter, call record, peer); never merged.
-- Period: the scope's, by time of receipt in UTC; counted as finely as its steps.
-- Deduplication: as volume_by_channel.
-- Caveats: only filters and call records see ordinary traffic. The interval of reports and traps is that of chance, with the mean number of messages per record as design effect: at least so wide. Filters and call records count all of their traffic: no interval.
SELECT channel,
       source AS basis,
       sumIf(rollup.messages, spam = 1) AS numerator,
       sum(rollup.messages) AS denominator,
       sumIf(rollup.reports, spam = 1) AS numerator_reports,
       sum(rollup.reports) AS denominator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, source
ORDER BY channel, source
