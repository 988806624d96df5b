-- Coarser rollups, so that the questions of public pages stay under 100 ms at ten million events and more.
-- Each is fed from the events directly, under the same deduplication token as the finer ones.

CREATE TABLE IF NOT EXISTS volume_hours
(
    hour          DateTime('UTC'),
    channel       LowCardinality(String),
    source        LowCardinality(String),
    spam          UInt8,
    content_type  LowCardinality(String),
    synthetic     UInt8,
    messages      SimpleAggregateFunction(sum, UInt64),
    reports       SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, channel, source, spam, content_type, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS volume_hours_feed TO volume_hours AS
SELECT toStartOfHour(received_at) AS hour, channel, source, spam, content_type, synthetic,
       sum(count) AS messages, count() AS reports
FROM events
GROUP BY hour, channel, source, spam, content_type, synthetic;

CREATE TABLE IF NOT EXISTS reporter_hours
(
    hour       DateTime('UTC'),
    channel    LowCardinality(String),
    synthetic  UInt8,
    reporters  AggregateFunction(uniqCombined(12), String)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, channel, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS reporter_hours_feed TO reporter_hours AS
SELECT toStartOfHour(received_at) AS hour, channel, synthetic, uniqCombinedState(12)(reporter) AS reporters
FROM events
WHERE reporter != ''
GROUP BY hour, channel, synthetic;

CREATE TABLE IF NOT EXISTS origin_days
(
    day                DateTime('UTC'),
    channel            LowCardinality(String),
    spam               UInt8,
    country            LowCardinality(String),
    asn                UInt32,
    network            LowCardinality(String),
    operator           LowCardinality(String),
    recipient_country  LowCardinality(String),
    synthetic          UInt8,
    messages           SimpleAggregateFunction(sum, UInt64),
    reports            SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, channel, spam, country, asn, network, operator, recipient_country, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS origin_days_feed TO origin_days AS
SELECT toDateTime(toStartOfDay(received_at), 'UTC') AS day, channel, spam, country, asn, network, operator, recipient_country,
       synthetic, sum(count) AS messages, count() AS reports
FROM events
GROUP BY day, channel, spam, country, asn, network, operator, recipient_country, synthetic;

CREATE TABLE IF NOT EXISTS route_days
(
    day                DateTime('UTC'),
    channel            LowCardinality(String),
    spam               UInt8,
    country            LowCardinality(String),
    transit            Array(LowCardinality(String)),
    recipient_country  LowCardinality(String),
    synthetic          UInt8,
    messages           SimpleAggregateFunction(sum, UInt64),
    reports            SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, channel, spam, country, transit, recipient_country, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS route_days_feed TO route_days AS
SELECT toDateTime(toStartOfDay(received_at), 'UTC') AS day, channel, spam, country, transit, recipient_country, synthetic,
       sum(count) AS messages, count() AS reports
FROM events
WHERE notEmpty(transit)
GROUP BY day, channel, spam, country, transit, recipient_country, synthetic;

-- One campaign at a time: its rows stand together.
CREATE TABLE IF NOT EXISTS campaign_days
(
    campaign      UInt64,
    day           DateTime('UTC'),
    channel       LowCardinality(String),
    spam          UInt8,
    content_type  LowCardinality(String),
    synthetic     UInt8,
    messages      SimpleAggregateFunction(sum, UInt64),
    reports       SimpleAggregateFunction(sum, UInt64),
    first_seen    SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    latest        SimpleAggregateFunction(max, DateTime('UTC'))  -- hour of receipt of the newest
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (campaign, day, channel, spam, content_type, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS campaign_days_feed TO campaign_days AS
SELECT campaign, toDateTime(toStartOfDay(received_at), 'UTC') AS day, channel, spam, content_type, synthetic,
       sum(count) AS messages, count() AS reports, min(observed_at) AS first_seen, max(observed_at) AS last_seen,
       toStartOfHour(max(received_at)) AS latest
FROM events
WHERE campaign != 0
GROUP BY campaign, day, channel, spam, content_type, synthetic;

-- Which campaigns are large, for periods of days: spam only, without the first record of each unless it stands for several.
-- Most campaigns are one message; leaving those out keeps this small.
CREATE TABLE IF NOT EXISTS campaign_ranks
(
    day        DateTime('UTC'),
    campaign   UInt64,
    channel    LowCardinality(String),
    synthetic  UInt8,
    messages   SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, campaign, channel, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS campaign_ranks_feed TO campaign_ranks AS
SELECT toDateTime(toStartOfDay(received_at), 'UTC') AS day, campaign, channel, synthetic, sum(count) AS messages
FROM events
WHERE campaign != 0 AND spam = 1 AND (seen_before > 0 OR count > 1)
GROUP BY day, campaign, channel, synthetic;
