-- Question: Where are the raw items of these pieces of evidence?
-- Numerator: none; what is needed to read their text again.
-- Denominator: none.
-- Basis: the records themselves.
-- Deduplication: an id names one record.
-- Caveats: the range of times bounds the search.
SELECT toString(events.id) AS id, toUnixTimestamp64Milli(events.received_at) AS received_at, channel, source, jurisdiction,
       reporter, campaign, body_hash, blob, record, synthetic
FROM events
WHERE events.received_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND events.received_at <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND events.id IN {ids:Array(UUID)}
