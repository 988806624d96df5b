"""The data files that checks look things up in (`counterspam/data`)."""

import json
from importlib.resources import files
from typing import Any

_FOLDER = files("counterspam") / "data"


def lines(name: str) -> list[str]:
    """The lines of a text file, without comments (`#`) and empty ones."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def words(name: str) -> frozenset[str]:
    """A text file of words, domains or suffixes, parted by blanks and line ends."""
    return frozenset(word for line in lines(name) for word in line.split())


def table(name: str) -> Any:
    """A JSON file."""
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
