-- Question: Which reports of users could the model learn from?
-- Numerator: none; records with a text and a reporter, the newest first.
-- Denominator: none.
-- Basis: user reports only, of one jurisdiction or of all that have no model of their own.
-- Deduplication: a record that came twice counts once; at most 20 of one reporter a day, so that nobody fills the list.
-- Caveats: only asked where the setting `learn_from_reporters` is on.
SELECT toString(id) AS id, toUnixTimestamp64Milli(received_at) AS received_at, channel, source, jurisdiction, reporter, campaign,
       body_hash, blob, record, synthetic
FROM events
WHERE events.received_at > fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND events.received_at <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND events.source = 'user-report' AND events.reporter != '' AND events.body_hash != '' AND events.blob != ''
  AND if({jurisdiction:String} = 'all', NOT has({own:Array(String)}, events.jurisdiction), events.jurisdiction = {jurisdiction:String})
ORDER BY events.received_at DESC, events.id DESC
LIMIT 20 BY events.reporter, toDate(events.received_at)
LIMIT {limit:UInt32}
