"""The progress report of Study Group 17 to TSAG: per operative clause what was done, texts, work items, liaisons (G-R1)."""

from datetime import UTC, datetime

from counterspam.policy.reports import sections
from counterspam.policy.reports.clauses import LANGUAGE, Clause, clauses
from counterspam.policy.reports.document import Block, Column, Paragraph, Section, Table
from counterspam.policy.reports.fields import NEXT, OBSTACLES, PER_CLAUSE, STATUSES, SUMMARY, Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.parts import by_channel, over_time
from counterspam.policy.reports.recommendations import recommendations, within
from counterspam.policy.reports.sources import of_page
from counterspam.policy.reports.voice import Voice, mark

TEXTS = Field("texts", mark("Texts approved, consented or agreed in the period"))
ITEMS = Field("work_items", mark("New work items"))
LIAISONS = Field("liaisons", mark("Liaisons"))
WORKSHOPS = Field("workshops", mark("Workshops, webinars and training"))
WHOLE = (SUMMARY, TEXTS, ITEMS, LIAISONS, WORKSHOPS, OBSTACLES, NEXT)


def groups() -> list[Group]:
    """What the editor fills in: the whole, then each clause."""
    per_clause = [
        Group(
            one.place,
            [Field(f"{one.id}.{field.name}", field.title, field.form, field.most) for field in PER_CLAUSE],
            one.text,
            LANGUAGE,
        )
        for one in clauses()
    ]
    return [Group(mark("The whole report"), WHOLE), *per_clause]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say = voice.say
    return [
        Section(say("Summary"), typed(given, voice, "summary")),
        Section(say("State of each operative clause"), [_overview(given, voice)]),
        Section(say("Progress by operative clause"), _note(voice)),
        *(_clause(given, voice, one) for one in clauses()),
        Section(say("Texts approved, consented or agreed in the period"), _texts(given, voice)),
        *(Section(say(field.title), typed(given, voice, field.name)) for field in (ITEMS, LIAISONS)),
        Section(
            say("Workshops, webinars and training"),
            [*typed(given, voice, "workshops"), *sections.blocks(given.snapshot, voice, "workshops")],
        ),
        Section(
            say("Spam seen by this node in the period"),
            [by_channel(given.snapshot, voice), *over_time(given.snapshot, voice)],
        ),
        *(Section(say(field.title), typed(given, voice, field.name)) for field in (OBSTACLES, NEXT)),
    ]


def _note(voice: Voice) -> list[Block]:
    said = voice.say(
        "The clauses are told in our own words after the Resolution 52 text, a proposal that is not in force as it stands."
    )
    return [Paragraph(said, quiet=True)]


def _overview(given: Given, voice: Voice) -> Table:
    say = voice.say
    heads = [
        Column("clause", say("Clause")),
        Column("who", say("Who is asked")),
        Column("status", say("Status")),
        Column("date", say("Date")),
    ]
    plain = [
        [one.place, one.who, given.fields.get(f"{one.id}.status", ""), given.fields.get(f"{one.id}.date", "")]
        for one in clauses()
    ]
    shown = [[place, who, say(STATUSES[status]), day or "–"] for place, who, status, day in plain]
    source = of_page(
        given.snapshot,
        voice,
        say("State of each operative clause"),
        "/reports",
        source=say("Stated by the editors of this report."),
        basis=say("The operative clauses of the Resolution 52 text."),
        method=say("Stated, not measured."),
    )
    return Table("clauses", say("State of each operative clause"), heads, plain, shown, source, "–")


def _clause(given: Given, voice: Voice, one: Clause) -> Section:
    lang = LANGUAGE if voice.lang != LANGUAGE else ""
    fields = given.fields
    blocks: list[Block] = [Paragraph(f"{one.who}: {one.text}", lang, quiet=True)]
    status, day = fields.get(f"{one.id}.status", ""), fields.get(f"{one.id}.date", "")
    said = voice.say("Status: %(status)s") % {"status": voice.say(STATUSES[status])}
    blocks.append(Paragraph(f"{said} ({day})" if day else said))
    for name, title in (("actions", voice.say("Actions")), ("documents", voice.say("Documents"))):
        if fields.get(f"{one.id}.{name}"):
            blocks += [Paragraph(f"{title}:"), *typed(given, voice, f"{one.id}.{name}")]
    return Section(one.place, blocks, 2, lang)


def _texts(given: Given, voice: Voice) -> list[Block]:
    say = voice.say
    period = given.snapshot["period"]
    first, last = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m") for at in (period["start"], period["end"] - 1))
    found = within(recommendations(), first, last)
    heads = [
        Column("text", say("Text")),
        Column("title", say("Title")),
        Column("date", say("Date")),
    ]
    rows = [[one.id, one.title, one.date] for one in found]
    source = of_page(
        given.snapshot,
        voice,
        say("Texts on spam dated in the period"),
        "/reports",
        source=say("The list of texts that this software follows."),
        basis=say("Month of the edition, as the summary pages of ITU-T give it."),
        uncertainty=say("Whether a text is still in force was not checked."),
    )
    table = Table(
        "texts", say("Texts on spam dated in the period"), heads, rows, rows, source, say("None in this list."), "en"
    )
    return [table, *typed(given, voice, "texts")]
