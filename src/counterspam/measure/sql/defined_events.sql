-- Question: Which evidence counts as spam by a national definition?
-- Numerator: records that meet a version of the definition that was in force on the day on which they were observed, and what they stand for.
-- Denominator: all records of the period that pass the filters.
-- Basis: single events, so no further back than they are kept; this is read in the place of a rollup.
-- Deduplication: as volume_by_channel.
-- Caveats: judged when the evidence was stored; what was stored before the definition was published here was not judged, and what could not be told is not counted as spam (definition_answers counts both).
SELECT toStartOfMinute(one.received_at) AS minute, channel, source, content_type, nature, country, recipient_country, asn, network,
       operator, recipient_operator, sender_kind, technique, payload, disposition, language, spf, dkim, dmarc, stir, synthetic,
       count AS messages, 1 AS reports, hasAny(one.definitions, {versions:Array(String)}) AS spam,
       if(spam, [toUInt32(if(reporter = '', cityHash64(one.id), cityHash64(reporter)))], []) AS contributors
FROM events AS one
WHERE one.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND one.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND toStartOfHour(one.received_at) >= toStartOfHour(toDateTime64({start:UInt32}, 3, 'UTC'))
