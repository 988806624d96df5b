-- Question: K3: How many connections were dropped for each message that was delivered?
-- Numerator: messages or connections dropped before the text was seen, per channel.
-- Denominator: messages delivered unaltered, per channel.
-- Population: traffic of the networks that send records with a disposition.
-- Basis: filter: records that say what became of the message (M3AAWG metrics).
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: a dropped connection may stand for none or for many messages; it counts as what its record says. Records that do not say what became of the message are left out. On mail these are mostly DMARC reports, which cover mail that claims to come from the domains that receive such reports, not all mail.
SELECT channel,
       'disposition' AS basis,
       sumIf(rollup.messages, disposition = 'dropped') AS numerator,
       sumIf(rollup.messages, disposition = 'delivered') AS denominator,
       sumIf(rollup.reports, disposition = 'dropped') AS numerator_reports,
       sumIf(rollup.reports, disposition = 'delivered') AS denominator_reports,
       if(numerator = 0, 5, length(groupUniqArrayArrayIf(5)(rollup.contributors, disposition = 'dropped'))) AS those_above,
       length(groupUniqArrayArrayIf(5)(rollup.contributors, disposition = 'delivered')) AS those_below,
       least(those_above, those_below) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel
HAVING denominator > 0
ORDER BY channel
