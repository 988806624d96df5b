-- Question: K8: Which share of what users reported was spam?
-- Numerator: reports by users that were judged spam, per channel.
-- Denominator: all reports by users, per channel.
-- Population: people who report.
-- Basis: report (users only).
-- Period: the scope's, by time of receipt in UTC; counted as finely as its steps.
-- Deduplication: several people who report one message are several reports; a report with a known identity counts once.
-- Caveats: "in scope" is our automatic verdict, which itself weighs that a user reported; a service in which people judge each report (France: 165 of 291 thousand) counts otherwise. The interval is that of chance alone.
SELECT channel,
       source AS basis,
       sumIf(rollup.reports, spam = 1) AS numerator,
       sum(rollup.reports) AS denominator,
       numerator AS numerator_reports,
       denominator AS denominator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND source = 'user-report'  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}

GROUP BY channel, source
ORDER BY channel
