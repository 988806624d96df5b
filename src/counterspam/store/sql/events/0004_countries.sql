-- Countries of origin and destination by the hour, without networks and operators: small enough for every period.

CREATE TABLE IF NOT EXISTS country_hours
(
    hour               DateTime('UTC'),
    channel            LowCardinality(String),
    spam               UInt8,
    country            LowCardinality(String),
    recipient_country  LowCardinality(String),
    synthetic          UInt8,
    messages           SimpleAggregateFunction(sum, UInt64),
    reports            SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, channel, spam, country, recipient_country, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS country_hours_feed TO country_hours AS
SELECT toStartOfHour(received_at) AS hour, channel, spam, country, recipient_country, synthetic,
       sum(count) AS messages, count() AS reports
FROM events
GROUP BY hour, channel, spam, country, recipient_country, synthetic;

-- What was stored before. Run while no other node inserts, which is so for the embedded engine: an insert between the next two
-- statements would be counted twice, as would the part that a node had under way when it was killed just before. Emptying first
-- makes it right to run the two again at any time when nothing is being inserted, whatever the table holds.
TRUNCATE TABLE country_hours;

INSERT INTO country_hours (hour, channel, spam, country, recipient_country, synthetic, messages, reports)
SELECT hour, channel, spam, country, recipient_country, synthetic, sum(rollup.messages) AS messages, sum(rollup.reports) AS reports
FROM origins AS rollup
GROUP BY hour, channel, spam, country, recipient_country, synthetic;
