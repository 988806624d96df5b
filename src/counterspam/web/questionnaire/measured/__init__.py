"""What this node measured of the same things, beside what respondents stated: never merged, each with its basis."""
