-- Question: Which other records carry the same text?
-- Numerator: records of the same campaign with the same hash of the folded text.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: at most 20, newest first, within 30 days on either side.
SELECT toString(one.id) AS id, toUnixTimestamp64Milli(one.received_at) AS received_at, channel, source, sender, sender_kind, subject,
       excerpt, spam, probability, content_type, country, recipient_country, count, synthetic
FROM events AS one
WHERE one.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND one.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND campaign = {campaign:UInt64} AND body_hash = {body_hash:String} AND one.id != {id:UUID}
ORDER BY one.received_at DESC, one.id
LIMIT 20
