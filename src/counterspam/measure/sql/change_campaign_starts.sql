-- Question: On which day was each of these campaigns first received?
-- Numerator: none.
-- Denominator: none.
-- Basis: every source kind together, also what was judged not to be spam.
-- Deduplication: none needed.
-- Caveats: a day of receipt (UTC); what was received late is as old as its receipt.
SELECT campaign, toUnixTimestamp(min(rollup.day)) AS first
FROM campaign_days AS rollup
WHERE campaign IN {parts:Array(UInt64)}
GROUP BY campaign
ORDER BY campaign
