"""The kinds of reports, and how one is put together: title block, its own sections, and how it was made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from counterspam.policy.reports import barometer, council, member_state, operator, tracker, tsag
from counterspam.policy.reports.document import Column, Paragraph, Report, Section, Table
from counterspam.policy.reports.fields import Field, Group
from counterspam.policy.reports.given import Given
from counterspam.policy.reports.sources import of_page
from counterspam.policy.reports.tlp import CLEAR, MEANINGS, NARROWEST, STRICT
from counterspam.policy.reports.voice import Voice, mark


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its title, whom it is for, its usual label, what is filled in, and what builds its sections.

    `spans` are the kinds of periods that it may be about; `takes` names what else it needs: country, operator, topic.
    """

    name: str
    title: str
    audience: str
    tlp: str
    groups: Callable[[], Sequence[Group]]
    build: Callable[[Given, Voice], Sequence[Section]]
    spans: tuple[str, ...] = ("half-year", "year", "month", "week")
    takes: tuple[str, ...] = ()

    @property
    def fields(self) -> list[Field]:
        """Every field, in order."""
        return [field for group in self.groups() for field in group.fields]


KINDS = {
    kind.name: kind
    for kind in (
        Kind("tsag", mark("Progress report to TSAG on countering spam"), "members", CLEAR, tsag.groups, tsag.build),
        Kind("council", mark("Contribution to the report to Council"), "members", CLEAR, council.groups, council.build),
        Kind(
            "member-state",
            mark("Half-yearly report of a Member State on spam"),
            "public",
            CLEAR,
            member_state.groups,
            member_state.build,
            ("half-year", "year"),
            ("country",),
        ),
        Kind(
            "operator",
            mark("Report of an operator on spam"),
            "operator",
            STRICT,
            operator.groups,
            operator.build,
            takes=("operator",),
        ),
        Kind(
            "barometer",
            mark("Public barometer of spam"),
            "public",
            CLEAR,
            barometer.groups,
            barometer.build,
            takes=("topic",),
        ),
        Kind("tracker", mark("Tracker of ITU-T texts on spam"), "public", CLEAR, tracker.groups, tracker.build),
    )
}
AUDIENCES = {
    "public": mark("everybody"),
    "members": mark("the membership"),
    "operator": mark("one operator"),
}
WORDS = {
    "table": mark("Table %(n)s. %(caption)s"),
    "figure": mark("Figure %(n)s. %(caption)s"),
    "contents": mark("Contents"),
    "notes": mark("Notes on the figures"),
    "source": mark("Source:"),
    "basis": mark("Basis:"),
    "method": mark("Method:"),
    "uncertainty": mark("Uncertainty:"),
    "definition": mark("Definition"),
    "page": mark("Page %(n)s of %(all)s"),
    "note": mark("Note %(n)s"),
}
assert set(NARROWEST) == set(AUDIENCES)


def make(given: Given, voice: Voice) -> Report:
    """The report as a document, in the language of `voice`."""
    kind, say, snapshot = KINDS[given.kind], voice.say, given.snapshot
    made_up = say("Demonstration: this report counts evidence that was made up.") if snapshot["synthetic"] else ""
    return Report(
        kind.name,
        say(kind.title),
        _subtitle(snapshot, voice),
        voice.lang,
        voice.direction,
        given.tlp,
        say(MEANINGS[given.tlp]),
        _facts(given, voice),
        [*kind.build(given, voice), _made(given, voice)],
        given.created_at,
        made_up,
        {name: say(text) for name, text in WORDS.items()},
    )


def _subtitle(snapshot: Mapping[str, Any], voice: Voice) -> str:
    parts = [voice.country(snapshot["country"]) if snapshot["country"] else "", snapshot["operator"]]
    return " · ".join([*filter(None, parts), voice.period(snapshot["period"]["name"])])


def _facts(given: Given, voice: Voice) -> list[tuple[str, str]]:
    say, snapshot = voice.say, given.snapshot
    audience, published = AUDIENCES[snapshot["audience"]], snapshot["published"]
    facts = [
        (say("Period"), voice.period(snapshot["period"]["name"])),
        (say("Written for"), say(audience)),
        (say("Made by"), say("node %(node)s") % {"node": snapshot["node"]}),
        (say("Built on"), voice.day(given.created_at)),
        (say("Number and version"), f"{given.id} · {given.version}"),
        (say("Data snapshot"), given.snapshot_id),
    ]
    if published:
        facts.append(
            (say("Published"), f"{snapshot['period']['name']} · {published['revision']} · {published['snapshot'][:16]}")
        )
    if given.author != voice.lang and given.fields:
        facts.append((say("Language of what was written by hand"), voice.language(given.author)))
    return facts


def _made(given: Given, voice: Voice) -> Section:
    """How the report was made: the snapshot, the software, and every question with its parameters."""
    say = voice.say
    heads = [Column("name", say("Name")), Column("question", say("Question")), Column("parameters", say("Parameters"))]
    rows = [[one["name"], one["question"], one["parameters"]] for one in _questions(given.snapshot)]
    said = say(
        "Made by counterspam %(version)s from the data snapshot %(id)s. The same snapshot gives the same files, byte by byte."
    )
    source = of_page(
        given.snapshot,
        voice,
        say("Questions that were asked"),
        "/reports",
        source=say("The data snapshot of this report."),
    )
    caption = say("Questions that were asked")
    table = Table("queries", caption, heads, rows, rows, source, say("None recorded on this node."), "en")
    text = said % {"version": given.software, "id": given.snapshot_id}
    return Section(say("How this report was made"), [Paragraph(text), table])


def _questions(snapshot: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for query in (*snapshot["queries"], *snapshot["figures"]):
        given = "; ".join(
            f"{name}: {_plain(name, value)}" for name, value in sorted(query["parameters"].items()) if value
        )
        found.append({"name": query["name"], "question": query["question"], "parameters": given or "–"})
    return found


def _plain(name: str, value: Any) -> str:
    if name in ("start", "end"):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_plain(key, one)}" for key, one in sorted(value.items()))
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
