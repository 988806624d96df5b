-- Question: How do these new campaigns grow, hour by hour?
-- Numerator: messages and reports judged spam, and contributors (counted up to 5), per campaign part, hour, channel and content type.
-- Denominator: none, these are counts.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: hours are those of receipt (UTC); the last one is still running.
SELECT campaign,
       hour_at AS at,
       channel,
       content_type,
       sum(part.messages) AS messages,
       sum(part.reports) AS reports,
       groupUniqArrayArray(5)(part.contributors) AS contributors,
       max(part.synthetic) AS synthetic
FROM
(
    SELECT campaign, toUnixTimestamp(hour) AS hour_at, channel, content_type, messages, reports, contributors, synthetic
    FROM campaigns_hours
    WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1 AND campaign IN {parts:Array(UInt64)}
) AS part
GROUP BY campaign, at, channel, content_type
ORDER BY campaign, at, messages DESC, channel, content_type
