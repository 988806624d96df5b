-- Question: Which evidence meets these conditions, newest first?
-- Numerator: none; single records, masked text.
-- Denominator: none.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel.
-- Caveats: read window by window; `before` and `id` are the last record of the page before.
SELECT toString(one.id) AS id, toUnixTimestamp64Milli(one.received_at) AS received_at,
       toUnixTimestamp64Milli(one.observed_at) AS observed_at, channel, source, format, intake, jurisdiction, sender, sender_kind,
       recipient_country, recipient_operator, count, spam, probability, content_type, nature, payload, technique,
       disposition, country, asn, network, operator, source_ip, transit, language, spf, dkim, dmarc, stir, campaign,
       subject, excerpt, domains, numbers, synthetic
FROM events AS one
WHERE one.received_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND one.received_at <= fromUnixTimestamp64Milli({before:Int64}, 'UTC')
  AND toStartOfHour(one.received_at) >= toStartOfHour(fromUnixTimestamp64Milli({start:Int64}, 'UTC'))
  AND toStartOfHour(one.received_at) <= toStartOfHour(fromUnixTimestamp64Milli({before:Int64}, 'UTC'))
  AND (one.received_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC') OR one.id < {id:UUID})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({sender:String} = '' OR sender = {sender:String})
  AND (empty({parts:Array(UInt64)}) OR campaign IN {parts:Array(UInt64)})
ORDER BY one.received_at DESC, one.id DESC
LIMIT {limit:UInt32}
