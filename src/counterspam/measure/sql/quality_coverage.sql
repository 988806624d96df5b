-- Question: What does each source deliver, how complete and how late?
-- Numerator: records, messages, hours with records; records without country of origin, destination, content type (if judged spam); records received 1 hour or 1 day after observation, or later.
-- Denominator: all records of that source; hours of the period since the first evidence.
-- Population: everything received.
-- Basis: per channel and source kind, and per format and door (intake) where `doors` is 1.
-- Period: the scope's, by time of receipt in UTC, by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: figures go by time of receipt, so late records change no past figure; they make the present one seem more. An hour without records may be a quiet hour. Clocks of sources may be wrong.
SELECT channel,
       source,
       if({doors:UInt8} = 1, rollup.format, '') AS via_format,
       if({doors:UInt8} = 1, rollup.intake, '') AS via_intake,
       uniqExact(node) AS nodes,
       sum(rollup.reports) AS reports,
       sum(rollup.messages) AS messages,
       toUnixTimestamp(min(hour)) AS first,
       toUnixTimestamp(max(hour)) AS last,
       uniqExact(hour) AS hours,
       sum(rollup.without_country) AS no_country,
       sum(rollup.without_destination) AS no_destination,
       sum(rollup.without_type) AS no_type,
       sum(rollup.hour_late) AS late_hour,
       sum(rollup.day_late) AS late_day,
       max(rollup.synthetic) AS synthetic
FROM coverage_hours AS rollup
WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY channel, source, via_format, via_intake
ORDER BY channel, source, via_format, via_intake
