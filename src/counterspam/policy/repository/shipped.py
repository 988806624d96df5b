"""The entries that come with counterspam: three files of facts with their sources, read once with a safe loader.

They were recorded on 2026-11-22 in our own words; see docs/repository.md for what the fields and `confidence` mean.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from counterspam.policy.repository.fields import Content, Kind, complete

# The parser in C reads the laws in an eighth of a second, the one in Python in 1.5; not every build has the first.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def shipped(kind: Kind) -> Mapping[str, Content]:
    """The shipped entries of a kind by id, in the order of the file, each with all its fields. Read once a process."""
    return {entry["id"]: complete(kind, entry) for entry in raw(f"{kind}.yaml")}


def raw(name: str) -> list[dict[str, Any]]:
    """A data file of the repository as it is written."""
    text = (files("counterspam") / "data" / "repository" / name).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
    return found
