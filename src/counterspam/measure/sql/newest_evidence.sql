-- Question: What arrived last?
-- Numerator: none; single records, masked.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: the newest only; names, mailbox names and the last digits of numbers are masked.
SELECT toString(one.id) AS id, toUnixTimestamp64Milli(one.received_at) AS received_at, channel, source, sender, sender_kind, subject,
       excerpt, spam, probability, content_type, country, recipient_country, count, synthetic
FROM events AS one
WHERE one.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND one.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND toStartOfHour(one.received_at) >= toStartOfHour(toDateTime64({start:UInt32}, 3, 'UTC'))
  AND ({channel:String} = '' OR channel = {channel:String})
  AND synthetic <= {synthetic:UInt8}
ORDER BY one.received_at DESC, one.id
LIMIT {limit:UInt32}
