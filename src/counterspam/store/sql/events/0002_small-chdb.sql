-- The embedded engine merges on one thread: no merge may hold it for long, and merges go column by column to stay small.

ALTER TABLE events MODIFY SETTING
    max_bytes_to_merge_at_max_space_in_pool = 2147483648,
    vertical_merge_algorithm_min_rows_to_activate = 1,
    merge_max_block_size_bytes = 2097152,
    min_bytes_for_wide_part = 134217728,
    compact_parts_max_bytes_to_buffer = 4194304,
    compact_parts_max_granules_to_buffer = 8;
