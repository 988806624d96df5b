"""The operative clauses of the Resolution 52 text as data, in our own words: what progress is reported on.

`data/reports/clauses.yaml` is in English; a report in another language shows it as English.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: where it stands, who is asked, what for, and which functions of the node help (REQUIREMENTS H)."""

    id: str
    place: str
    who: str
    text: str
    pages: tuple[str, ...]


@cache
def clauses() -> Sequence[Clause]:
    """Every operative clause, in the order of the text."""
    text = (files("counterspam") / "data" / "reports" / "clauses.yaml").read_text(encoding="utf-8")
    return tuple(Clause(**{**one, "pages": tuple(one["pages"])}) for one in yaml.safe_load(text)["clauses"])
