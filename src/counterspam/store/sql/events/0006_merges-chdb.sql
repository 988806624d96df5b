-- The embedded engine shares its processor with the path: fewer and wider merges write the same rows less often.

ALTER TABLE events MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 6;
