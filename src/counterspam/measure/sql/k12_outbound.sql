-- Question: K12: How much spam is sent from the own country, per 1,000 subscribers and month?
-- Numerator: messages judged spam whose origin is the country given, per channel and source kind.
-- Denominator: the population that fits the channel of that country, times the months that the period covers.
-- Population: subscribers of the country, from measure/populations.py, with year and source.
-- Basis: one row per source kind; never merged.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours; a month is 30.4 days, and only the time since the first evidence counts.
-- Deduplication: as volume_by_channel.
-- Caveats: what observers here see of it, so a floor. A forged number of the country counts as origin where the evidence gives nothing better.
SELECT channel,
       source AS basis,
       country,
       sum(rollup.messages) AS numerator,
       sum(rollup.reports) AS numerator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND country = {country:String}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, source, country
ORDER BY channel, basis
