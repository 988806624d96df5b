-- Question: K13: How concentrated are the origins?
-- Numerator: messages judged spam from the ten countries of origin with most, per channel and source kind; `hhi` is the sum of the squared shares of all countries (1 is a single country).
-- Denominator: messages judged spam whose country of origin is known, of that channel and source kind; `unknown` counts the others.
-- Population: as k1_spam_share, messages judged spam with a known origin.
-- Basis: one row per source kind; never merged.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: says where the spam that we see seems to come from, which follows who reports. Unknown origins are kept apart.
SELECT channel,
       basis,
       arraySum(one -> one.1, arraySlice(arrayReverseSort(groupArrayIf((messages, reports), country != '')), 1, 10)) AS numerator,
       sumIf(messages, country != '') AS denominator,
       arraySum(one -> one.2, arraySlice(arrayReverseSort(groupArrayIf((messages, reports), country != '')), 1, 10)) AS numerator_reports,
       sumIf(reports, country != '') AS denominator_reports,
       countIf(country != '') AS origins,
       sumIf(messages, country = '') AS unknown,
       sumIf(reports, country = '') AS unknown_reports,
       round(sumIf(pow(messages, 2), country != '') / pow(denominator, 2), 3) AS hhi,
       length(groupUniqArrayArrayIf(5)(people, country != '')) AS contributors,
       max(made_up) AS synthetic
FROM
(
    SELECT channel, source AS basis, country, sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
           groupUniqArrayArray(5)(rollup.contributors) AS people, max(rollup.synthetic) AS made_up
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel, source, country
)
GROUP BY channel, basis
HAVING denominator > 0
ORDER BY channel, basis
