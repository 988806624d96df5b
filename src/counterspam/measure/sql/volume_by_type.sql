-- Question: What is the spam about, over time?
-- Numerator: messages and reports judged spam, per step of time and content type.
-- Denominator: all messages judged spam in the period, where a share is shown.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: the type is judged automatically; "unknown" and "other" are kept as values and never left out.
SELECT {start:UInt32} + intDiv(toUnixTimestamp({time:Identifier}) - {start:UInt32}, {step:UInt32}) * {step:UInt32} AS at,
       content_type,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY at, content_type
ORDER BY at, content_type
