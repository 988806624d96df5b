"""The language that a report speaks: its fixed text, and how numbers, days and names are written. Handed in by the caller.

Text that the templates say is marked by `say("...")` or `mark("...")` in this folder; `docs/translate.py` takes it from here
into the catalogues of the interface. What stands in data files (clauses, titles of Recommendations) stays in its own language.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Voice:
    """One language. `day` takes milliseconds, `period` a name such as 2026-H1, `value` a dimension and its value."""

    lang: str
    direction: str
    say: Callable[[str], str]
    number: Callable[[float, int], str]
    percent: Callable[[float, int], str]
    day: Callable[[int], str]
    period: Callable[[str], str]
    country: Callable[[str], str]
    dimension: Callable[[str], str]
    value: Callable[[str, Any], str]
    language: Callable[[str], str]


def mark(message: str) -> str:
    """The message itself: marks it for the catalogues where it is written, for it to be looked up where it is said."""
    return message
