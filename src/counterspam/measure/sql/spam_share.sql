-- Question: Which share of what each kind of observer sent us was judged spam?
-- Numerator: messages judged spam, per source kind.
-- Denominator: all messages from that source kind in the period.
-- Basis: one row per source kind; the rows are never merged into one share, because they watch different populations.
-- Deduplication: as volume_by_channel.
-- Caveats: users report what they take for spam and traps receive little else, so their shares say how often we agree, not how much of all traffic is spam. Only filters and call records see ordinary traffic, and only that of their own network.
SELECT source,
       sum(rollup.messages) AS messages,
       sum(rollup.reports) AS reports,
       sumIf(rollup.messages, spam = 1) AS spam_messages,
       sumIf(rollup.reports, spam = 1) AS spam_reports,
       sumIf(rollup.reports, synthetic = 1) AS synthetic_reports
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY source
ORDER BY messages DESC, source
