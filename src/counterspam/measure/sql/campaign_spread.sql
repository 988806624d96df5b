-- Question: What varies within a campaign: texts, senders, links, origins, destinations?
-- Numerator: messages and reports, per value of each of these.
-- Denominator: all messages of the campaign.
-- Basis: every source kind together.
-- Deduplication: as volume_by_channel; a message with several links counts for each.
-- Caveats: the 30 greatest values of each; texts are told apart by the hash of their folded form, so cosmetic edits count as one.
SELECT facet, value, sum(messages) AS messages, sum(reports) AS reports, any(shown) AS example, any(kind) AS kind
FROM
(
    SELECT pair.1 AS facet, pair.2 AS value, pair.3 AS shown, pair.4 AS kind, count AS messages, 1 AS reports
    FROM
    (
        SELECT count,
               arrayConcat(
                   [('text', body_hash, if(excerpt = '', subject, excerpt), ''),
                    ('sender', sender, '', toString(sender_kind)),
                    ('origin', toString(country), '', ''),
                    ('destination', toString(recipient_country), '', ''),
                    ('language', toString(language), '', '')],
                   arrayMap(d -> ('link', d, '', ''), domains),
                   arrayMap(n -> ('number', n, '', ''), numbers)) AS pairs
        FROM events
        WHERE received_at >= toDateTime64({start:UInt32}, 3, 'UTC') AND received_at < toDateTime64({end:UInt32}, 3, 'UTC')
          AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
          AND campaign IN {parts:Array(UInt64)}
    )
    ARRAY JOIN pairs AS pair
)
GROUP BY facet, value
ORDER BY facet, messages DESC, value
LIMIT 30 BY facet
