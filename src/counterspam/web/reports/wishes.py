"""What is asked for when a report is begun, checked: kind, period, whom it is about, label, languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from counterspam.measure.ask import Unanswerable
from counterspam.measure.frozen import span
from counterspam.policy.reports.barometer import TOPICS
from counterspam.policy.reports.fields import clean
from counterspam.policy.reports.kinds import KINDS, Kind
from counterspam.policy.reports.tlp import EXACT, LABELS, NARROWEST, RED, narrower
from counterspam.store.reports import Version
from counterspam.web.format import countries
from counterspam.web.language import DEFAULT, LANGUAGES, mark

MOST_OPERATOR = 80


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, and what is wrong with it by field; `version` is None where anything is."""

    version: Version | None
    problems: Mapping[str, str]


def wish(kind: Kind, given: Mapping[str, str], languages: Sequence[str], *, may_be_exact: bool) -> Wish:
    """A report to begin, from what a form or the API gave."""
    taken = {name: clean(given.get(name, ""), lines=False)[:MOST_OPERATOR] for name in kind.takes}
    exact = given.get("exact") == "1" and kind.audience == "operator"
    tlp, author = given.get("tlp", "") or kind.tlp, given.get("author", "") or DEFAULT
    wrong = _period(kind, given.get("period", "")) | _subject(taken)
    if exact and not may_be_exact:
        wrong["exact"] = mark("exact figures need the right to read evidence")
    if tlp not in offered(kind) or (exact and narrower(EXACT, tlp)):
        wrong["tlp"] = mark("This label does not fit whom the report is for.")
    if author not in LANGUAGES or not set(languages) <= set(LANGUAGES):
        wrong["author"] = mark("Choose one of the list.")
    if wrong:
        return Wish(None, wrong)
    made = Version(
        id="",
        version=1,
        kind=kind.name,
        period=given["period"],
        country=taken.get("country", ""),
        operator=taken.get("operator", ""),
        topic=taken.get("topic", ""),
        audience=kind.audience,
        tlp=tlp,
        exact=exact,
        synthetic=given.get("synthetic") == "1",
        author=author,
        languages=tuple(lang for lang in LANGUAGES if lang in languages or lang == author),
        fields={},
        created_at=0,
        changed_at=0,
    )
    return Wish(made, {})


def _period(kind: Kind, name: str) -> dict[str, str]:
    """What is wrong with the period."""
    try:
        fits = span(name).kind in kind.spans
    except Unanswerable:
        return {"period": mark("Choose one of the list.")}
    return {} if fits else {"period": mark("A report of this kind is about another kind of period.")}


def _subject(taken: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with whom or what the report is about; a report takes some of these only."""
    wrong = {}
    if "country" in taken and taken["country"] not in countries():
        wrong["country"] = mark("Choose one of the list.")
    if taken.get("operator") == "":
        wrong["operator"] = mark("Operator, as the statistics name it")
    if "topic" in taken and taken["topic"] not in TOPICS:
        wrong["topic"] = mark("Choose one of the list.")
    return wrong


def offered(kind: Kind) -> list[str]:
    """The labels that a kind may carry: those that still reach whom it is for."""
    return [label for label in LABELS if label != RED and not narrower(label, NARROWEST[kind.audience])]


def periods(kind: Kind, now: int) -> list[str]:
    """Names of periods to choose from, the latest ended first; `now` in ms. The running ones come last, for drafts."""
    day = datetime.fromtimestamp(now / 1000, UTC)
    month = day.year * 12 + day.month - 1
    names = {
        "half-year": [f"{half // 2}-H{half % 2 + 1}" for half in range(month // 6, month // 6 - 6, -1)],
        "year": [str(day.year - n) for n in range(4)],
        "month": [f"{one // 12}-{one % 12 + 1:02}" for one in range(month, month - 13, -1)],
        "week": [datetime.fromtimestamp(now / 1000 - n * 7 * 86_400, UTC).strftime("%G-W%V") for n in range(6)],
    }
    found = [name for kind_ in kind.spans for name in names[kind_]]
    running = [name for name in found if span(name).end * 1000 > now]
    return [*(name for name in found if name not in running), *running]


def kind_of(name: str) -> Kind | None:
    """A kind by its name."""
    return KINDS.get(name)
