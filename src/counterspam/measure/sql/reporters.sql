-- Question: How many different reporters does the evidence come from?
-- Numerator: distinct reporter pseudonyms in the period, estimated (ClickHouse uniqCombined(12), standard error about 2 %).
-- Denominator: none, this is a count.
-- Basis: records that name a reporter; a trap or a filter that reports without a name is not counted.
-- Deduplication: a reporter counts once, however often they report.
-- Caveats: counted by whole hours of receipt. A pseudonym is keyed per node, so one person reporting to two nodes counts twice over both.
SELECT uniqCombinedMerge(12)(rollup.reporters) AS reporters
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND synthetic <= {synthetic:UInt8}
