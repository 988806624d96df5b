"""The report of an operator: spam towards and from its network, large campaigns, what it did and how fast (G-R4)."""

from counterspam.policy.reports import key_figures
from counterspam.policy.reports.document import Column, Section, Table
from counterspam.policy.reports.fields import NEXT, OBSTACLES, SUMMARY, Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.parts import by_channel, by_source, counted, over_time
from counterspam.policy.reports.snapshot import answer
from counterspam.policy.reports.sources import of_question
from counterspam.policy.reports.voice import Voice, mark

ACTIONS = Field("actions", mark("Actions and how long they took"))
OUTBOUND = Field("outbound", mark("Spam from the own network and what was done about it"))


def groups() -> list[Group]:
    """What the editor fills in."""
    return [Group(mark("The whole report"), (SUMMARY, ACTIONS, OUTBOUND, OBSTACLES, NEXT))]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say, snapshot = voice.say, given.snapshot
    inbound = counted(snapshot, voice, "inbound", say("Towards the operator"), ["channel"])
    outbound = counted(snapshot, voice, "outbound", say("From the operator"), ["channel"])
    whole = [by_channel(snapshot, voice), *over_time(snapshot, voice), by_source(snapshot, voice)]
    return [
        Section(say("Summary"), typed(given, voice, "summary")),
        Section(say("Towards the operator"), [inbound]),
        Section(say("From the operator"), [outbound, *typed(given, voice, "outbound")]),
        Section(say("Largest campaigns"), [_campaigns(given, voice)]),
        Section(say(ACTIONS.title), typed(given, voice, "actions")),
        Section(say("All evidence of the node, to compare"), whole),
        Section(say("Key figures"), [key_figures.table(snapshot, voice)]),
        *(Section(say(field.title), typed(given, voice, field.name)) for field in (OBSTACLES, NEXT)),
    ]


def _campaigns(given: Given, voice: Voice) -> Table:
    """By id, without any text of a message."""
    say = voice.say
    heads = [
        Column("campaign", say("Campaign")),
        Column("content_type", say("Type")),
        Column("spam_messages", say("Judged spam"), True),
        Column("first_seen", say("First seen")),
        Column("last_seen", say("Last seen")),
    ]
    plain, shown = [], []
    for row in answer(given.snapshot, "campaigns")["rows"]:
        times = [row["first_seen"], row["last_seen"]]
        plain.append([row["id"], row["content_type"], row["spam_messages"], *times])
        kind, count = voice.value("content_type", row["content_type"]), voice.number(row["spam_messages"], 0)
        shown.append([row["id"], kind, count, *map(voice.day, times)])
    source = of_question(given.snapshot, voice, "campaigns")
    empty = say("There is no evidence of this in the period.")
    return Table("campaigns", say("Largest campaigns"), heads, plain, shown, source, empty)
