"""A definition of spam: one version with its expression, its words, its dates and where it comes from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from counterspam.errors import CounterspamError
from counterspam.policy.definitions import expression

CONFIDENCE = ("high", "medium", "low")
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+){0,7}")
LONGEST = {"id": 40, "title": 200, "words": 4000, "law": 60, "note": 2000, "language": 12}
MOST_SOURCES = 10
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OWN = "own"
SHIPPED = "shipped"
_LAW = re.compile(r"[A-Za-z0-9.-]{0,60}")
_URL = re.compile(r"https?://[^\s<>\"']{3,500}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


class Refused(CounterspamError):
    """A definition that cannot be kept: `faults` is field -> code of what is wrong there (see `web.definitions.labels`)."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {code}" for name, code in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a definition.

    `jurisdiction` is a country (ISO 3166 alpha-2), "" for a technical definition of no country. It judges evidence observed
    from `valid_from` to `valid_to` (days, ISO 8601, both included; "" is open). `words` say in `language` what counts as spam,
    `law` is its entry in the repository of legal frameworks, `sources` are addresses, `note` says what the expression leaves
    out or takes instead. `confidence` tells how sure we are of the law, not of the evidence.
    """

    id: str
    version: int = 1
    jurisdiction: str = ""
    title: str
    language: str = "en"
    words: str
    expression: str
    valid_from: str = ""
    valid_to: str = ""
    law: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = ""
    note: str = ""
    origin: str = OWN

    @property
    def label(self) -> str:
        """How evidence names this version."""
        return f"{self.id}@{self.version}"

    def in_force(self, day: str) -> bool:
        """Whether it judges evidence of this day (ISO 8601)."""
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


NAMES = tuple(field.name for field in fields(Definition))


def day_of(milliseconds: int) -> str:
    """The day (UTC, ISO 8601) of a time in ms."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def check(one: Definition) -> Definition:
    """The definition itself. Raises Refused, or `expression.Wrong` when only the expression is wrong."""
    faults = dict(_faults(one))
    if faults:
        raise Refused(faults)
    expression.read(one.expression)
    return one


def _faults(one: Definition) -> Iterator[tuple[str, str]]:
    for name in ("title", "words"):
        if not getattr(one, name).strip():
            yield name, "missing"
    for name, most in LONGEST.items():
        if len(getattr(one, name)) > most:
            yield name, "long"
    wrong = {
        "id": "" if ID.fullmatch(one.id) else "id",
        "jurisdiction": "" if re.fullmatch("([A-Z]{2})?", one.jurisdiction) else "country",
        "language": "" if _LANGUAGE.fullmatch(one.language) else "language",
        "valid_from": "" if _is_day(one.valid_from) else "day",
        "valid_to": _last_day(one),
        "law": "" if _LAW.fullmatch(one.law) else "law",
        "sources": "" if len(one.sources) <= MOST_SOURCES and all(map(_URL.fullmatch, one.sources)) else "source",
        "confidence": "" if one.confidence in ("", *CONFIDENCE) else "confidence",
    }
    yield from ((name, code) for name, code in wrong.items() if code)


def _last_day(one: Definition) -> str:
    if not _is_day(one.valid_to):
        return "day"
    return "order" if one.valid_to and one.valid_to < one.valid_from else ""


def _is_day(given: str) -> bool:
    """ISO 8601 with hyphens, or nothing."""
    try:
        return not given or date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False


def of_mapping(given: Mapping[str, Any], **more: Any) -> Definition:
    """A definition from data. Raises Refused for a field that does not exist or has another type."""
    strange = sorted(set(given) - set(NAMES))
    if strange:
        raise Refused({str(name)[:40]: "field" for name in strange})
    values = {**given, **more}
    for name, value in values.items():
        expected: tuple[type, ...] = (int,) if name == "version" else (list, tuple) if name == "sources" else (str,)
        if not isinstance(value, expected):
            raise Refused({name: "type"})
    values["sources"] = tuple(map(str, values.get("sources", ())))
    lacking = [name for name in ("id", "title", "words", "expression") if name not in values]
    if lacking:
        raise Refused(dict.fromkeys(lacking, "missing"))
    return Definition(**values)


def read_yaml(text: str) -> list[Definition]:
    """The versions in a file: fields that all share, and under `versions` a list of what each has of its own."""
    found = yaml.load(text, Loader=LOADER)  # noqa: S506 (a safe loader, in C where there is one)
    shared = {name: _plain(value) for name, value in found.items() if name != "versions"}
    return [
        check(of_mapping(shared | {name: _plain(value) for name, value in one.items()}, origin=SHIPPED))
        for one in found.get("versions", [{}])
    ]


def _plain(value: Any) -> Any:
    """YAML reads days as dates."""
    return value.isoformat() if isinstance(value, date) else value.strip() if isinstance(value, str) else value


@cache
def shipped() -> tuple[Definition, ...]:
    """The definitions that come with the software, by id and version."""
    folder = files("counterspam") / "data" / "definitions"
    texts = [one.read_text(encoding="utf-8") for one in folder.iterdir() if one.name.endswith(".yaml")]
    return tuple(in_order(one for text in texts for one in read_yaml(text)))


def in_order(some: Iterable[Definition]) -> list[Definition]:
    """Technical ones first, then by country, id and version."""
    return sorted(some, key=lambda one: (one.jurisdiction, one.id, one.version))
