"""The reference tables of a node (populations, published figures), read once. `load` at start: a wrong cell stops it."""

from functools import cache
from pathlib import Path

from counterspam.config import Config
from counterspam.measure import indicators
from counterspam.measure import populations as tables
from counterspam.measure.indicators import Indicator
from counterspam.measure.populations import Populations


def load(config: Config) -> None:
    """Read what the settings name. Raises ConfigError, which names file, line and column."""
    populations(config)
    published(config)


def populations(config: Config) -> Populations:
    """How many people, subscriptions or users there are, by country and kind."""
    return _populations(config.populations)


def published(config: Config) -> tuple[Indicator, ...]:
    """Figures from outside: surveys, reporting rates and the like."""
    return _published(config.indicators)


@cache
def _populations(path: Path | None) -> Populations:
    return tables.load(path)


@cache
def _published(path: Path | None) -> tuple[Indicator, ...]:
    return indicators.load(path)
