-- Question: Since which minute did the newest records arrive?
-- Numerator: reports, per step of receipt (hours first, then the minutes of those hours), newest first.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: only tells newest_evidence how far back it must look.
SELECT toUnixTimestamp({time:Identifier}) AS at, sum(rollup.reports) AS reports
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND synthetic <= {synthetic:UInt8}
GROUP BY at
ORDER BY at DESC
LIMIT {limit:UInt32}
