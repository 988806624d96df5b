-- Question: K5: How many reports per 100,000 subscribers and month?
-- Numerator: reports by users, per channel and country of the recipient, judged spam or not.
-- Denominator: the population that fits the channel (subscriptions, mailboxes, internet users, people) of that country, times the months that the period covers.
-- Population: subscribers of the country, from measure/populations.py, each figure with year and source.
-- Basis: report (users only).
-- Period: the scope's, by time of receipt in UTC; counted by whole days where it consists of days, else by whole hours; a month is 30.4 days, and only the time since the first evidence counts.
-- Deduplication: several people who report one message are several reports; a report with a known identity counts once.
-- Caveats: a rate of reports, not of spam: it moves with how many know where to report (awareness). Never rank countries by it. Reports of an unknown country are left out. The interval is that of chance over independent reports: at least so wide.
SELECT channel,
       source AS basis,
       recipient_country AS country,
       sum(rollup.reports) AS numerator,
       sum(rollup.reports) AS numerator_reports,
       length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors,
       max(rollup.synthetic) AS synthetic
FROM {rollup:Identifier} AS rollup
WHERE {time:Identifier} >= toDateTime({start:UInt32}, 'UTC') AND {time:Identifier} < toDateTime({end:UInt32}, 'UTC')
  AND source = 'user-report' AND recipient_country != ''  AND ({channel:String} = '' OR channel = {channel:String})
  AND rollup.synthetic <= {synthetic:UInt8}

GROUP BY channel, source, recipient_country
ORDER BY channel, country
