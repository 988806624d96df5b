-- Question: Which campaign is this today, and which earlier ones became part of it?
-- Numerator: none.
-- Denominator: none.
-- Basis: the aliases written when campaigns merge; the row with the greatest version counts.
-- Deduplication: none needed.
-- Caveats: a merge is written within seconds of the evidence that shows it.
WITH (SELECT max(now) FROM campaign_aliases FINAL WHERE campaign = {id:UInt64}) AS later,
     if(later = 0, {id:UInt64}, later) AS root
SELECT root AS id, groupArray(campaign) AS parts
FROM (SELECT campaign FROM campaign_aliases FINAL WHERE now = root)
