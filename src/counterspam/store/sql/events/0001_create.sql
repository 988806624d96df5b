-- Evidence, one row each, and the rollups that public pages read.
-- Inserts carry a deduplication token, so repeating one after a crash adds nothing here nor in the rollups; the window is
-- as long as it is because other nodes go on inserting while one is down. Rollups are synced like the events that they count.

CREATE TABLE IF NOT EXISTS events
(
    id                  UUID,
    received_at         DateTime64(3, 'UTC'),
    observed_at         DateTime64(3, 'UTC'),
    node                LowCardinality(String),
    channel             LowCardinality(String),
    source              LowCardinality(String),
    format              LowCardinality(String),
    intake              LowCardinality(String),
    jurisdiction        LowCardinality(String),
    reporter            String,                  -- keyed pseudonym
    sender              String,
    sender_kind         LowCardinality(String),
    sender_domain       String,
    recipient_country   LowCardinality(String),
    recipient_operator  LowCardinality(String),
    count               UInt32,                  -- messages or calls that this row stands for
    seen_before         UInt32,                  -- messages of the same campaign stored before this one
    spam                UInt8,
    probability         Float32,
    content_type        LowCardinality(String),
    nature              LowCardinality(String),
    payload             LowCardinality(String),
    technique           LowCardinality(String),
    disposition         LowCardinality(String),
    model               LowCardinality(String),
    country             LowCardinality(String),  -- of origin, '' unknown
    asn                 UInt32,
    network             LowCardinality(String),
    operator            LowCardinality(String),
    source_ip           String,
    transit             Array(LowCardinality(String)),
    language            LowCardinality(String),
    spf                 LowCardinality(String),
    dkim                LowCardinality(String),
    dmarc               LowCardinality(String),
    stir                LowCardinality(String),
    campaign            UInt64,
    subject             String CODEC(ZSTD(1)),   -- masked
    excerpt             String CODEC(ZSTD(1)),   -- masked, at most 160 characters
    domains             Array(String),
    numbers             Array(String),
    body_hash           String,
    blob                String,                  -- reference of the raw item in the blob store
    record              UInt32,                  -- place of this record in the raw item
    detail              String CODEC(ZSTD(3)),   -- JSON: checks, spans, hops, attachments, summary
    synthetic           UInt8
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (channel, toStartOfHour(received_at), id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS volume
(
    minute        DateTime('UTC'),
    channel       LowCardinality(String),
    source        LowCardinality(String),
    spam          UInt8,
    content_type  LowCardinality(String),
    nature        LowCardinality(String),
    synthetic     UInt8,
    messages      SimpleAggregateFunction(sum, UInt64),
    reports       SimpleAggregateFunction(sum, UInt64),
    reporters     AggregateFunction(uniq, String)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, channel, source, spam, content_type, nature, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS volume_feed TO volume AS
SELECT toStartOfMinute(received_at) AS minute, channel, source, spam, content_type, nature, synthetic,
       sum(count) AS messages, count() AS reports, uniqState(reporter) AS reporters
FROM events
GROUP BY minute, channel, source, spam, content_type, nature, synthetic;

CREATE TABLE IF NOT EXISTS origins
(
    hour               DateTime('UTC'),
    channel            LowCardinality(String),
    spam               UInt8,
    country            LowCardinality(String),
    asn                UInt32,
    network            LowCardinality(String),
    operator           LowCardinality(String),
    transit            Array(LowCardinality(String)),
    recipient_country  LowCardinality(String),
    synthetic          UInt8,
    messages           SimpleAggregateFunction(sum, UInt64),
    reports            SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, channel, spam, country, asn, network, operator, transit, recipient_country, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS origins_feed TO origins AS
SELECT toStartOfHour(received_at) AS hour, channel, spam, country, asn, network, operator, transit, recipient_country,
       synthetic, sum(count) AS messages, count() AS reports
FROM events
GROUP BY hour, channel, spam, country, asn, network, operator, transit, recipient_country, synthetic;

CREATE TABLE IF NOT EXISTS campaign_hours
(
    hour          DateTime('UTC'),
    campaign      UInt64,
    channel       LowCardinality(String),
    spam          UInt8,
    content_type  LowCardinality(String),
    synthetic     UInt8,
    messages      SimpleAggregateFunction(sum, UInt64),
    reports       SimpleAggregateFunction(sum, UInt64),
    first_seen    SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    senders       AggregateFunction(uniq, String)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, campaign, channel, spam, content_type, synthetic)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS campaign_hours_feed TO campaign_hours AS
SELECT toStartOfHour(received_at) AS hour, campaign, channel, spam, content_type, synthetic,
       sum(count) AS messages, count() AS reports, min(observed_at) AS first_seen, max(observed_at) AS last_seen,
       uniqState(sender) AS senders
FROM events
WHERE campaign != 0
GROUP BY hour, campaign, channel, spam, content_type, synthetic;

-- A campaign that turned out to be part of another: a chain of merges only ever leads to a lesser id, so the row with the
-- least `now` is the latest, and repeating or reordering inserts changes nothing (version = 2^63 - now).
CREATE TABLE IF NOT EXISTS campaign_aliases
(
    campaign  UInt64,
    now       UInt64,
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY campaign
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
