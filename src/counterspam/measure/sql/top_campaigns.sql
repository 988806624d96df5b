-- Question: Which campaigns were the largest in the period?
-- Numerator: messages judged spam that share text, link, number or sender, per campaign.
-- Denominator: all messages judged spam in the period, where a share is shown.
-- Basis: every source kind together; campaigns behind which at least 5 different contributors stand in the period.
-- Deduplication: as volume_by_channel; a campaign that turned out to be part of another is counted there.
-- Caveats: grouping is automatic; campaigns with nothing in common are never joined, so one actor may have several. Counted by whole hours of receipt. For periods of days the candidates are chosen without the first message of each campaign, then counted exactly.
SELECT if(alias.now = 0, part.campaign, alias.now) AS id, sum(part.messages) AS ranked_by
FROM
(
    SELECT campaign, sum(rollup.messages) AS messages
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY campaign
    ORDER BY messages DESC, campaign
    LIMIT {parts:UInt32}
) AS part
LEFT JOIN (SELECT campaign, now FROM campaign_aliases FINAL) AS alias ON alias.campaign = part.campaign
GROUP BY id
ORDER BY ranked_by DESC, id
LIMIT {limit:UInt32}
