-- Question: How many messages and reports reached this node, over time, by channel?
-- Numerator: messages (a record that stands for many counts as many) and reports (records), per step of time and channel.
-- Denominator: none, these are counts.
-- Basis: every source kind together; the split by source kind is the question spam_share.
-- Deduplication: a record with a known identity is counted once; several people reporting one message are several reports.
-- Caveats: time is time of receipt here, not of sending. Report counts move with awareness and are not prevalence.
SELECT {start:UInt32} + intDiv(toUnixTimestamp({time:Identifier}) - {start:UInt32}, {step:UInt32}) * {step:UInt32} AS at,
       channel,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       sumIf(rollup.messages, spam = 1) AS spam_messages
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY at, channel
ORDER BY at, channel
