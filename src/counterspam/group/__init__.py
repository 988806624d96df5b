"""Which pieces of evidence belong together: the keys that a campaign shares."""
