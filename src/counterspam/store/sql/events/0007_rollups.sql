-- The rollups of the first migrations; `store.rollup_tables` makes and fills the ones that take their place.

DROP TABLE IF EXISTS volume_feed;
DROP TABLE IF EXISTS volume;
DROP TABLE IF EXISTS volume_hours_feed;
DROP TABLE IF EXISTS volume_hours;
DROP TABLE IF EXISTS origins_feed;
DROP TABLE IF EXISTS origins;
DROP TABLE IF EXISTS origin_days_feed;
DROP TABLE IF EXISTS origin_days;
DROP TABLE IF EXISTS country_hours_feed;
DROP TABLE IF EXISTS country_hours;
DROP TABLE IF EXISTS route_days_feed;
DROP TABLE IF EXISTS route_days;
DROP TABLE IF EXISTS reporter_hours_feed;
DROP TABLE IF EXISTS reporter_hours;
DROP TABLE IF EXISTS campaign_hours_feed;
DROP TABLE IF EXISTS campaign_hours;
DROP TABLE IF EXISTS campaign_days_feed;
DROP TABLE IF EXISTS campaign_days;
DROP TABLE IF EXISTS campaign_ranks_feed;
DROP TABLE IF EXISTS campaign_ranks;
