-- Question: Which campaigns are large enough today to ask whether they are new?
-- Numerator: messages judged spam since a midnight (UTC), without the first message of each, per campaign.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as top_campaigns.
-- Caveats: only finds candidates; change_campaign_starts tells which of them are new.
SELECT if(alias.now = 0, rollup.campaign, alias.now) AS id, sum(rollup.messages) AS ranked_by, max(rollup.synthetic) AS synthetic
FROM campaign_rank_days AS rollup
LEFT JOIN (SELECT campaign, now FROM campaign_aliases FINAL) AS alias ON alias.campaign = rollup.campaign
WHERE rollup.day >= toDateTime({start:UInt32}, 'UTC') AND rollup.day < toDateTime({end:UInt32}, 'UTC')
  AND NOT has({known:Array(UInt64)}, rollup.campaign)
GROUP BY id
HAVING ranked_by >= {messages:UInt32}
ORDER BY ranked_by DESC, id
LIMIT 200
