-- Question: K7: What was the spam about, as shares?
-- Numerator: messages judged spam, per channel, source kind and content type.
-- Denominator: all messages judged spam of that channel and source kind.
-- Population: as k1_spam_share, messages judged spam only.
-- Basis: one row per source kind; never merged.
-- Period: the scope's, by time of receipt in UTC; counted as finely as its steps.
-- Deduplication: as volume_by_channel.
-- Caveats: the type is judged automatically; "unknown" and "other" are kept as values.
SELECT channel,
       source AS basis,
       content_type,
       sum(rollup.messages) AS numerator,
       sum(rollup.reports) AS numerator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, source, content_type
ORDER BY channel, basis, numerator DESC, content_type
