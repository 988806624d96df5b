-- Question: What do we not know of the spam, per channel?
-- Numerator: messages judged spam whose value in that dimension is unknown.
-- Denominator: all messages judged spam of the channel.
-- Population: messages judged spam.
-- Basis: every source kind together.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: known does not mean right: origins and types are worked out automatically. Shares of this kind are why unknown is never dropped from a figure.
SELECT channel,
       sumIf(part.messages, blank) AS numerator,
       sum(part.messages) AS denominator,
       sumIf(part.reports, blank) AS numerator_reports,
       sum(part.reports) AS denominator_reports,
       if(numerator = 0, length(groupUniqArrayArray(5)(people)), length(groupUniqArrayArrayIf(5)(people, blank))) AS contributors,
       max(part.synthetic) AS synthetic
FROM
(
    SELECT channel,
           {facet:Identifier} IN ('', 'unknown') AS blank,
           sum(rollup.messages) AS messages,
           sum(rollup.reports) AS reports,
           groupUniqArrayArray(5)(rollup.contributors) AS people,
           max(rollup.synthetic) AS synthetic
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel, blank
) AS part
GROUP BY channel
ORDER BY channel
