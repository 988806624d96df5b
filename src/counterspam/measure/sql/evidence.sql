-- Question: What is known about one piece of evidence?
-- Numerator: none; one record with everything that is stored of it.
-- Denominator: none.
-- Basis: the record itself.
-- Deduplication: an id names one record.
-- Caveats: the time inside the id (RFC 9562 section 5.7) bounds the search to one second.
SELECT * EXCEPT (id, received_at, observed_at),
       toString(id) AS id,
       toUnixTimestamp64Milli(received_at) AS received_at,
       toUnixTimestamp64Milli(observed_at) AS observed_at
FROM events
WHERE toStartOfHour(events.received_at) = toStartOfHour(toDateTime64({at:UInt32}, 3, 'UTC'))
  AND events.received_at >= toDateTime64({at:UInt32}, 3, 'UTC') AND events.received_at < toDateTime64({at:UInt32} + 1, 3, 'UTC')
  AND events.id = {id:UUID}
LIMIT 1
