-- Question: How did each part of the traffic develop, hour by hour?
-- Numerator: messages and reports, per hour of receipt, channel and one more dimension (content type, origin, destination or source kind).
-- Denominator: none, these are counts; the share of a part is taken of the sum over all parts of its channel.
-- Basis: every source kind together; judged spam only, but for source kinds everything.
-- Deduplication: as volume_by_channel.
-- Caveats: the last hour is still running. Feeds the detection of changes; parts with fewer than 5 reports are never shown.
SELECT channel,
       value,
       groupArray(at) AS hours,
       groupArray(part.messages) AS messages,
       groupArray(part.reports) AS reports,
       max(part.synthetic) AS synthetic
FROM
(
    SELECT channel,
           {facet:Identifier} AS value,
           toUnixTimestamp(hour) AS at,
           sum(rollup.messages) AS messages,
           sum(rollup.reports) AS reports,
           max(rollup.synthetic) AS synthetic
    FROM {rollup:Identifier} AS rollup
    WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
      AND spam >= {spam:UInt8}
    GROUP BY channel, value, at
) AS part
GROUP BY channel, value
ORDER BY channel, value
