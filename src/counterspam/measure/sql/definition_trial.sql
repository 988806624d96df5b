-- Question: Which stored evidence is a definition tried on?
-- Numerator: none; single records with the facts that definitions ask for, masked.
-- Denominator: none.
-- Basis: the newest records of the period, or as many of all its records, chosen by a hash of their ids.
-- Deduplication: as volume_by_channel.
-- Caveats: at most 2,000; what was stored before facts of the text were kept does not tell them.
SELECT toString(one.id) AS id, toUnixTimestamp64Milli(one.received_at) AS received_at,
       toUnixTimestamp64Milli(one.observed_at) AS observed_at, channel, source, sender, sender_kind, subject, excerpt, spam,
       probability, content_type, nature, payload, technique, disposition, country, recipient_country, language, count, seen_24h,
       seen_30d, seen_365d, traits, definitions, judged_under, synthetic
FROM events AS one
WHERE one.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND one.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND toStartOfHour(one.received_at) >= toStartOfHour(toDateTime64({start:UInt32}, 3, 'UTC'))
  AND one.id IN (
    SELECT id
    FROM events AS two
    WHERE two.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND two.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
      AND toStartOfHour(two.received_at) >= toStartOfHour(toDateTime64({start:UInt32}, 3, 'UTC'))
      AND ({channel:String} = '' OR channel = {channel:String})
      AND two.synthetic <= {synthetic:UInt8}
    ORDER BY if({spread:UInt8} = 1, cityHash64(two.id), toUInt64(9223372036854775807 - toUnixTimestamp64Milli(two.received_at)))
    LIMIT {limit:UInt32}
  )
ORDER BY one.received_at DESC, one.id
