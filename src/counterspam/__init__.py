"""counterspam measures spam live on every channel and helps a country act on it with others."""

__version__ = "0.1.0"
