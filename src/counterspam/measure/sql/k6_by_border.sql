-- Question: K6: Which share of the spam came from abroad?
-- Numerator: messages judged spam, per channel, source kind and border: domestic (origin and destination are one country), abroad, or unknown.
-- Denominator: all messages judged spam of that channel and source kind.
-- Population: as k1_spam_share, messages judged spam only.
-- Basis: one row per source kind; never merged.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: the origin is where the sender's number or first trusted network is; a forged sender hides it. Unknown is kept as a value, so the two others are floors.
SELECT channel,
       source AS basis,
       multiIf(rollup.country = '' OR rollup.recipient_country = '', 'unknown',
               rollup.country = rollup.recipient_country, 'domestic', 'abroad') AS border,
       sum(rollup.messages) AS numerator,
       sum(rollup.reports) AS numerator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, source, border
ORDER BY channel, basis, border
