-- Question: Which earlier campaigns became part of the listed ones?
-- Numerator: none.
-- Denominator: none.
-- Basis: the aliases written when campaigns merge; the row with the greatest version counts.
-- Deduplication: none needed.
-- Caveats: a merge is written within seconds of the evidence that shows it.
SELECT now AS id, campaign FROM campaign_aliases FINAL WHERE now IN {ids:Array(UInt64)} ORDER BY id, campaign
