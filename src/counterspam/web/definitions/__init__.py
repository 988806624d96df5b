"""National definitions on pages and in the API."""
