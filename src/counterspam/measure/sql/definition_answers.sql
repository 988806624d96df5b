-- Question: What does a national definition say of the evidence, beside the verdict of counterspam itself?
-- Numerator: records and what they stand for, by answer (yes, no, unknown, unjudged) and by own verdict.
-- Denominator: all records of the period, or of one channel.
-- Basis: single events, so no further back than they are kept.
-- Deduplication: as volume_by_channel.
-- Caveats: "unknown" is what the evidence does not tell, such as consent; "unjudged" was stored before the definition was published here, or observed on a day on which no version was in force. Neither is a no.
SELECT multiIf(hasAny(one.definitions, {versions:Array(String)}), 'yes',
               hasAny(splitByChar(' ', one.judged_under), {undecided:Array(String)}), 'unknown',
               hasAny(splitByChar(' ', one.judged_under), {versions:Array(String)}), 'no', 'unjudged') AS answer,
       one.spam AS verdict, sum(one.count) AS messages, count() AS reports,
       length(groupUniqArray(5)(if(reporter = '', cityHash64(one.id), cityHash64(reporter)))) AS contributors
FROM events AS one
WHERE one.received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND one.received_at < toDateTime64({end:UInt32}, 3, 'UTC')
  AND toStartOfHour(one.received_at) >= toStartOfHour(toDateTime64({start:UInt32}, 3, 'UTC'))
  AND ({channel:String} = '' OR channel = {channel:String})
  AND one.synthetic <= {synthetic:UInt8}
GROUP BY answer, verdict
ORDER BY answer, verdict
