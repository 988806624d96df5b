-- Question: What do we not know of the spam, per channel?
-- Numerator: messages judged spam whose value in that dimension is unknown.
-- Denominator: all messages judged spam of the channel.
-- Population: messages judged spam.
-- Basis: every source kind together.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: known does not mean right: origins and types are worked out automatically. Shares of this kind are why unknown is never dropped from a figure.
SELECT channel,
       asked.1 AS basis,
       sumIf(part.messages, asked.2) AS numerator,
       sum(part.messages) AS denominator,
       sumIf(part.reports, asked.2) AS numerator_reports,
       sum(part.reports) AS denominator_reports,
       if(numerator = 0, length(groupUniqArrayArray(5)(part.contributors)),
          length(groupUniqArrayArrayIf(5)(part.contributors, asked.2))) AS contributors,
       max(part.synthetic) AS synthetic
FROM
(
    SELECT channel,
           arrayJoin([('origin', no_origin),
                      ('destination', no_destination)]) AS asked,
           messages, reports, contributors, synthetic
    FROM
    (
        SELECT channel,
               rollup.country IN ('', 'unknown') AS no_origin,
               rollup.recipient_country IN ('', 'unknown') AS no_destination,
               sum(rollup.messages) AS messages,
               sum(rollup.reports) AS reports,
               groupUniqArrayArray(5)(rollup.contributors) AS contributors,
               max(rollup.synthetic) AS synthetic
        FROM {places:Identifier} AS rollup
        WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
          AND spam = 1
          AND ({channel:String} = '' OR channel = {channel:String})
          AND rollup.synthetic <= {synthetic:UInt8}
        GROUP BY channel, no_origin, no_destination
    )
    UNION ALL
    SELECT channel,
           arrayJoin([('content_type', no_content_type),
                      ('nature', no_nature)]) AS asked,
           messages, reports, contributors, synthetic
    FROM
    (
        SELECT channel,
               rollup.content_type IN ('', 'unknown') AS no_content_type,
               rollup.nature IN ('', 'unknown') AS no_nature,
               sum(rollup.messages) AS messages,
               sum(rollup.reports) AS reports,
               groupUniqArrayArray(5)(rollup.contributors) AS contributors,
               max(rollup.synthetic) AS synthetic
        FROM {volume:Identifier} AS rollup
        WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
          AND spam = 1
          AND ({channel:String} = '' OR channel = {channel:String})
          AND rollup.synthetic <= {synthetic:UInt8}
        GROUP BY channel, no_content_type, no_nature
    )
    UNION ALL
    SELECT channel,
           arrayJoin([('language', no_language),
                      ('technique', no_technique),
                      ('disposition', no_disposition),
                      ('sender_kind', no_sender_kind)]) AS asked,
           messages, reports, contributors, synthetic
    FROM
    (
        SELECT channel,
               rollup.language IN ('', 'unknown') AS no_language,
               rollup.technique IN ('', 'unknown') AS no_technique,
               rollup.disposition IN ('', 'unknown') AS no_disposition,
               rollup.sender_kind IN ('', 'unknown') AS no_sender_kind,
               sum(rollup.messages) AS messages,
               sum(rollup.reports) AS reports,
               groupUniqArrayArray(5)(rollup.contributors) AS contributors,
               max(rollup.synthetic) AS synthetic
        FROM {traits:Identifier} AS rollup
        WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
          AND spam = 1
          AND ({channel:String} = '' OR channel = {channel:String})
          AND rollup.synthetic <= {synthetic:UInt8}
        GROUP BY channel, no_language, no_technique, no_disposition, no_sender_kind
    )
) AS part
GROUP BY channel, basis
ORDER BY channel, basis
