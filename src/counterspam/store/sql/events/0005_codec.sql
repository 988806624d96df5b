-- Explanations are written once and merged several times: the lighter level takes less time for hardly more room.

ALTER TABLE events MODIFY COLUMN detail String CODEC(ZSTD(1));
