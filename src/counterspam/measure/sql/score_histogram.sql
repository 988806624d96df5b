-- Question: How are the probabilities of spam distributed, last week and the week before?
-- Numerator: records with a text, by tenth of the probability with which they were stored.
-- Denominator: none; both weeks are compared by the population stability index.
-- Basis: every source kind together, of one jurisdiction or of all that have no model of their own.
-- Deduplication: a record that came twice counts once.
-- Caveats: moves when the traffic changes as well as when the model does; the probability is that of the whole verdict.
SELECT received_at >= toDateTime64({middle:UInt32}, 3, 'UTC') AS recent,
       least(toUInt8(floor(probability * 10)), 9) AS bin,
       count() AS records
FROM events
WHERE received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND body_hash != ''
  AND if({jurisdiction:String} = 'all', NOT has({own:Array(String)}, jurisdiction), jurisdiction = {jurisdiction:String})
GROUP BY recent, bin
