"""Screen and API."""
