-- Question: K9: Which share of the spam did filters stop?
-- Numerator: messages judged spam that were blocked, dropped or tagged, per channel.
-- Denominator: those, and the spam that was delivered: on basis `disposition` the messages judged spam that records say were delivered, on basis `reported` those that users reported.
-- Population: traffic of the networks that send records with a disposition.
-- Basis: two estimates of the delivered spam side by side: filter (records that say so), and report.
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours.
-- Deduplication: as volume_by_channel.
-- Caveats: on basis `reported` most delivered spam is missing, as few report, so the share is at most so high; reporters may be customers of other networks than the filters. On basis `disposition` only spam that we recognise and the filter did not counts. A channel needs both parts. Records that do not say what became of the message are left out. On mail these are mostly DMARC reports, which cover mail that claims to come from the domains that receive such reports, not all mail.
SELECT channel,
       basis,
       stopped.messages AS numerator,
       stopped.messages + delivered.messages AS denominator,
       stopped.reports AS numerator_reports,
       stopped.reports + delivered.reports AS denominator_reports,
       least(stopped.contributors, if(delivered.messages = 0, 5, delivered.contributors)) AS contributors,
       greatest(stopped.synthetic, delivered.synthetic) AS synthetic
FROM
(
    SELECT channel, sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
           length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors, max(rollup.synthetic) AS synthetic
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1
      AND disposition IN ('blocked', 'dropped', 'tagged')
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel
) AS stopped
INNER JOIN
(
    SELECT channel, 'disposition' AS basis, sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
           length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors, max(rollup.synthetic) AS synthetic
    FROM {rollup:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1
      AND disposition = 'delivered'
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel
    UNION ALL
    SELECT channel, 'reported' AS basis, sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
           length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors, max(rollup.synthetic) AS synthetic
    FROM {volume:Identifier} AS rollup
    WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
      AND spam = 1
      AND source = 'user-report'
      AND ({channel:String} = '' OR channel = {channel:String})
      AND rollup.synthetic <= {synthetic:UInt8}
    GROUP BY channel
) AS delivered USING channel
ORDER BY channel, basis
