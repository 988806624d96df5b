-- Question: Where do the series of the sources start, stop or pause, so that figures before and after do not compare?
-- Numerator: hours with records of each source: the first, the last, how many, how many before the period, and the two longest steps from one such hour to the next, with where they begin.
-- Denominator: none.
-- Population: everything received.
-- Basis: per channel and source kind, and per format and door (intake) where `doors` is 1.
-- Period: the scope's and the 30 days before it, by time of receipt in UTC, by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: tells that a source came or went, not why. A lasting change of level is found by the detection of changes instead.
SELECT channel,
       source,
       via_format,
       via_intake,
       steps[1].1 AS longest,
       steps[1].2 AS longest_from,
       steps[2].1 AS second,
       first,
       last,
       hours,
       reports,
       synthetic
FROM
(
    SELECT channel,
           source,
           if({doors:UInt8} = 1, rollup.format, '') AS via_format,
           if({doors:UInt8} = 1, rollup.intake, '') AS via_intake,
           arraySort(groupUniqArray(toUnixTimestamp(hour))) AS active,
           arrayReverseSort(arrayMap((from, to) -> (to - from, from), arrayPopBack(active), arrayPopFront(active))) AS steps,
           active[1] AS first,
           active[-1] AS last,
           length(active) AS hours,
           sumIf(rollup.reports, hour >= toDateTime({period:UInt32}, 'UTC')) AS reports,
           max(rollup.synthetic) AS synthetic
    FROM coverage_hours AS rollup
    WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel, source, via_format, via_intake
)
ORDER BY channel, source, via_format, via_intake
