"""The Recommendation tracker: every text on spam, its date, and which of its functions this software has (G-R6)."""

from collections import Counter
from typing import Any

from counterspam.policy.reports.document import Block, Column, Paragraph, Section, Source, Table
from counterspam.policy.reports.fields import Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.recommendations import Recommendation, per_period, recommendations
from counterspam.policy.reports.sources import of_page
from counterspam.policy.reports.voice import Voice, mark

COMMENT = Field("comment", mark("Comment"))
SHOWN = {"implemented": mark("implemented"), "partial": mark("partly implemented"), "none": mark("not implemented")}


def groups() -> list[Group]:
    """What the editor fills in."""
    return [Group(mark("The whole report"), (COMMENT,))]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say = voice.say
    texts = recommendations()
    note = say(
        "Functions are structured after the scopes and clause titles of these texts; their bodies were not at hand, so nothing"
        " here claims to conform to them."
    )
    return [
        Section(say("Comment"), typed(given, voice, "comment")),
        Section(say("Texts on spam by study period"), [_periods(given, voice)]),
        Section(say("Texts and functions"), [Paragraph(note, quiet=True), _overview(given, voice)]),
        *(Section(f"{one.id} ({one.date})", [_functions(given, voice, one)], 2) for one in texts if one.functions),
    ]


def _periods(given: Given, voice: Voice) -> Table:
    say = voice.say
    heads = [Column("study_period", say("Study period")), Column("texts", say("Texts"), True)]
    rows: list[list[Any]] = [[name, count] for name, count in per_period(recommendations()).items()]
    shown = [[name, voice.number(count, 0)] for name, count in rows]
    caption = say("Texts on spam by study period")
    return Table("periods", caption, heads, rows, shown, _source(given, voice), "–")


def _overview(given: Given, voice: Voice) -> Table:
    say = voice.say
    heads = [
        Column("text", say("Text")),
        Column("title", say("Title")),
        Column("date", say("Date")),
        *(Column(status, say(title), True) for status, title in SHOWN.items()),
        Column("source", say("Source")),
    ]
    rows: list[list[Any]] = []
    shown = []
    for one in recommendations():
        counts = Counter(function.status for function in one.functions)
        numbers = [counts[status] for status in SHOWN]
        rows.append([one.id, one.title, one.date, *numbers, one.source])
        shown.append([one.id, one.title, one.date, *(voice.number(n, 0) for n in numbers), one.source])
    total = Counter(function.status for one in recommendations() for function in one.functions)
    numbers = [total[status] for status in SHOWN]
    rows.append([say("Total"), "", "", *numbers, ""])
    shown.append([say("Total"), "", "", *(voice.number(n, 0) for n in numbers), ""])
    caption = say("Texts and functions")
    return Table("recommendations", caption, heads, rows, shown, _source(given, voice), "–", "en")


def _functions(given: Given, voice: Voice, one: Recommendation) -> Block:
    say = voice.say
    heads = [
        Column("function", say("Function")),
        Column("text", say("What it does")),
        Column("status", say("Status")),
        Column("where", say("Where, and what is lacking")),
    ]
    rows: list[list[str]] = []
    shown = []
    for function in one.functions:
        where = ", ".join(function.where)
        said = ". ".join(filter(None, [where, function.note])) or "–"
        rows.append([function.id, function.text, function.status, said])
        shown.append([function.id, function.text, say(SHOWN[function.status]), said])
    name = "f_" + "".join(char if char.isalnum() else "_" for char in one.id.lower())
    return Table(name, one.title, heads, rows, shown, _source(given, voice), "–", "en")


def _source(given: Given, voice: Voice) -> Source:
    say = voice.say
    return of_page(
        given.snapshot,
        voice,
        say("Texts and functions"),
        "/reports",
        source=say("The list of texts that this software follows."),
        basis=say("Month of the edition, as the summary pages of ITU-T give it."),
        method=say("Status by comparison of the code with each function, written by hand and dated with the software."),
        uncertainty=say("Whether a text is still in force was not checked."),
    )
