-- Question: Through which networks did the spam enter?
-- Numerator: messages judged spam, per autonomous system (number, name, country).
-- Denominator: all messages from that network that reached this node, shown beside.
-- Basis: the injecting IP address, where there is one; AS 0 is unknown.
-- Deduplication: as volume_by_channel.
-- Caveats: an address can be that of a relay or of a hijacked machine: presence here is no accusation of the network. Rows with fewer than 5 contributors are not listed.
SELECT asn,
       any(rollup.network) AS network,
       any(rollup.country) AS country,
       sum(rollup.messages) AS spam_messages,
       sum(rollup.reports) AS spam_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND asn != 0
  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}
GROUP BY asn
HAVING contributors >= {least:UInt32}
ORDER BY spam_messages DESC, asn
LIMIT {limit:UInt32}
