-- Question: Is any of the evidence made up by a generator?
-- Numerator: records marked synthetic, in hours of the last 30 days with any.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: only tells a page whether it must carry the mark.
SELECT sum(rollup.reports) AS reports
FROM volume_hours AS rollup
WHERE rollup.hour >= toDateTime({start:UInt32}, 'UTC') AND rollup.synthetic = 1
